import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMatch, useNavigate } from "@tanstack/react-router";
import { Plus, Shuffle } from "lucide-react";
import { lazy, Suspense, useCallback, useDeferredValue, useEffect, useRef, useState } from "react";
import { PageFrame } from "../../app/page-frame.tsx";
import { useMay, useMe } from "../../data/people.ts";
import { useRunningShuffle } from "../../data/shuffle.ts";
import { useComplete, useMayFinish } from "../../data/task-actions.ts";
import { followTasks } from "../../data/task-cache.ts";
import { openCountsQuery, type Task } from "../../data/task-details.ts";
import { countsQuery, type TaskFilter, taskPagesQuery } from "../../data/tasks.ts";
import { formatCount } from "../../format/numbers.ts";
import { textOf, withText } from "../../i18n/text.ts";
import { useShortcuts } from "../../keys/keyboard.ts";
import { type GridHandle, TaskGrid } from "../../tasks/task-grid.tsx";
import styles from "../../tasks/tasks.module.css";
import { useTaskWindow } from "../../tasks/window.ts";
import { Button, WideLabel } from "../../ui/button.tsx";
import { SearchInput, Select, Tabs } from "../../ui/parts.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import { showToast } from "../../ui/toast.ts";
import { filterOf, type TasksSearch, tasksRoute, type View } from "./route.ts";

const NewTask = lazy(async () => ({
  default: (await withText(import("../../tasks/new-task.tsx"), "task-dialogs")).NewTask,
}));
const ShuffleDialog = lazy(async () => ({
  default: (await withText(import("../../tasks/shuffle-dialog.tsx"), "task-dialogs")).ShuffleDialog,
}));
const TaskPeek = lazy(async () => ({
  default: (await withText(import("../../tasks/task-peek.tsx"), "task-dialogs")).TaskPeek,
}));

const TYPING_MS = 200;

export function TasksPage() {
  const t = textOf("tasks");
  const navigate = useNavigate();
  const search = tasksRoute.useSearch();
  const mayShuffle = useMay("shuffle");
  const running = useRunningShuffle();
  const { data: counts } = useQuery(countsQuery);
  const taskId = useMatch({ from: "/shell/tasks/$taskId", shouldThrow: false })?.params.taskId;
  const isNew = useMatch({ from: "/shell/tasks/new", shouldThrow: false }) !== undefined;
  const show = search.show ?? "open";

  const narrow = (change: Partial<Record<keyof TasksSearch, unknown>>) =>
    void navigate({ to: ".", search: ((old: TasksSearch) => ({ ...old, ...change })) as never, replace: true });
  const toList = () => void navigate({ to: "/tasks", search });
  const shuffle = (on: boolean) => narrow({ shuffle: on ? true : undefined });

  useShortcuts([{ keys: "Shift+KeyS", label: t("shuffle.button"), run: () => shuffle(true) }], mayShuffle);

  return (
    <PageFrame
      area="work"
      title={t("title")}
      full
      actions={
        <>
          {mayShuffle && (
            <Button
              aria-label={t("shuffle.button")}
              disabled={running?.finished === false}
              onClick={() => shuffle(true)}
            >
              <Shuffle size={15} />
              <WideLabel>{t("shuffle.button")}</WideLabel>
            </Button>
          )}
          <Button look="primary" aria-label={t("newTask")} onClick={() => void navigate({ to: "/tasks/new", search })}>
            <Plus size={16} />
            <WideLabel>{t("newTask")}</WideLabel>
          </Button>
        </>
      }
    >
      <Filters search={search} narrow={narrow} open={counts?.open} />
      <List
        key={JSON.stringify(filterOf(search))}
        search={search}
        narrow={narrow}
        onOpen={(task) => void navigate({ to: "/tasks/$taskId", params: { taskId: task.id }, search })}
        empty={counts !== undefined && counts.open + counts.done + counts.cancelled === 0}
        show={show}
        peek={taskId !== undefined ? <TaskPeek key={taskId} taskId={taskId} onClose={toList} /> : null}
      />
      <Suspense>
        {isNew && <NewTask onClose={toList} />}
        {search.shuffle === true && mayShuffle && <ShuffleDialog onClose={() => shuffle(false)} />}
      </Suspense>
    </PageFrame>
  );
}

type Narrow = (change: Partial<Record<keyof TasksSearch, unknown>>) => void;

function Filters({ search, narrow, open }: { search: TasksSearch; narrow: Narrow; open: number | undefined }) {
  const t = textOf("tasks");
  const field = useRef<HTMLInputElement>(null);
  const tabs = useRef<HTMLDivElement>(null);
  const [text, setText] = useState(search.q ?? "");
  useEffect(() => {
    const timer = setTimeout(() => {
      if ((search.q ?? "") !== text) narrow({ q: text === "" ? undefined : text });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  });
  useShortcuts([
    { keys: "Slash", label: t("keys.search"), run: () => field.current?.focus() },
    { keys: "KeyF", label: t("keys.filter"), run: () => tabs.current?.querySelector("button")?.focus() },
  ]);
  return (
    <div className={styles.filters}>
      <div ref={tabs}>
        <Tabs<View>
          label={t("show.label")}
          value={search.show ?? "open"}
          onChange={(show) => narrow({ show: show === "open" ? undefined : show })}
          options={[
            { value: "all", text: t("show.all") },
            { value: "open", text: t("show.open"), ...(open !== undefined && { count: formatCount(open) }) },
            { value: "done", text: t("show.done") },
            { value: "waiting", text: t("show.waiting") },
            { value: "cancelled", text: t("show.cancelled") },
          ]}
        />
      </div>
      <SearchInput
        ref={field}
        className={styles.search ?? ""}
        placeholder={t("search")}
        aria-label={t("search")}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.code === "Escape") field.current?.blur();
        }}
      />
      <AssigneeSelect assignee={search.assignee} onPick={(assignee) => narrow({ assignee })} />
      <span className={styles.spacer} />
      <Total filter={filterOf(search)} />
    </div>
  );
}

/** How long the list is: in full, for whoever wants to know how much "all" is. */
function Total({ filter }: { filter: TaskFilter }) {
  const { data } = useQuery(taskPagesQuery(filter));
  return <span className={styles.count}>{data && textOf("tasks")("shown", { count: data.total })}</span>;
}

/** Me, or anybody who holds open tasks, those with most of them first. */
function AssigneeSelect({
  assignee,
  onPick,
}: {
  assignee: string | undefined;
  onPick: (userId: string | undefined) => void;
}) {
  const t = textOf("tasks");
  const me = useMe();
  const { data } = useQuery(openCountsQuery);
  const others = data?.assignees.filter(({ userId }) => userId !== me.userId) ?? [];
  const known = assignee === undefined || assignee === me.userId || others.some(({ userId }) => userId === assignee);
  return (
    <Select
      aria-label={t("column.assignee")}
      value={assignee ?? ""}
      onChange={(event) => onPick(event.target.value || undefined)}
    >
      <option value="">{t("anyAssignee")}</option>
      <option value={me.userId}>{t("mine")}</option>
      {!known && <option value={assignee}>{assignee.slice(0, 8)}</option>}
      {others.map(({ userId, name, open }) => (
        <option key={userId} value={userId}>
          {`${name ?? userId.slice(0, 8)} · ${formatCount(open)}`}
        </option>
      ))}
    </Select>
  );
}

function List({
  search,
  narrow,
  onOpen,
  empty,
  show,
  peek,
}: {
  search: TasksSearch;
  narrow: Narrow;
  onOpen: (task: Task) => void;
  empty: boolean;
  show: View;
  peek: React.ReactNode;
}) {
  const t = textOf("tasks");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const me = useMe();
  const rows = useTaskWindow(useDeferredValue(filterOf(search)));
  const complete = useComplete();
  const mayFinish = useMayFinish();
  const grid = useRef<GridHandle>(null);
  const [came, setCame] = useState<{ ids: readonly string[]; more: number }>({ ids: [], more: 0 });
  const [marked, setMarked] = useState<ReadonlyMap<string, Task>>(new Map());
  useEffect(
    () =>
      followTasks(queries, me.userId, (id, count) =>
        setCame(({ ids, more }) => (id === undefined ? { ids, more: more + count } : { ids: [...ids, id], more })),
      ),
    [queries, me.userId],
  );
  // Those that the list shows already are not new any more.
  const fresh = came.more + came.ids.filter((id) => rows.newest === undefined || id > rows.newest).length;

  const mark = useCallback((tasks: readonly Task[], on: boolean) => {
    setMarked((old) => {
      const next = new Map(old);
      for (const task of tasks)
        if (on) next.set(task.id, task);
        else next.delete(task.id);
      return next;
    });
  }, []);
  const unmark = () => setMarked(new Map());
  const open = (task: Task) => onOpen(task);
  const finishable = [...marked.values()].filter((task) => task.status === "in_progress" && mayFinish(task));
  const finishMarked = async () => {
    await Promise.all(finishable.map(complete));
    showToast({ text: t("finishedMarked", { count: finishable.length }) });
    unmark();
  };
  const showFresh = () => {
    setCame({ ids: [], more: 0 });
    rows.refetch();
    grid.current?.toTop();
  };
  useShortcuts([{ keys: "Escape", run: unmark }], marked.size > 0 && peek === null);

  if (rows.error !== null && rows.total === undefined) return <ErrorState error={rows.error} retry={rows.refetch} />;
  if (rows.total === undefined) return <LoadingRows rows={12} />;
  return (
    <div className={styles.body}>
      {rows.total === 0 && !rows.stale ? (
        empty ? (
          <EmptyState
            title={t("emptyTitle")}
            action={<Button onClick={() => void navigate({ to: "/tasks/new" })}>{t("newTask")}</Button>}
          >
            {t("empty")}
          </EmptyState>
        ) : (
          <EmptyState
            title={t("emptyFilterTitle")}
            {...((search.q !== undefined || search.assignee !== undefined || show !== "all") && {
              action: (
                <Button onClick={() => narrow({ q: undefined, assignee: undefined, show: "all" })}>
                  {t("clearFilter")}
                </Button>
              ),
            })}
          >
            {t("emptyFilter")}
          </EmptyState>
        )
      ) : (
        <TaskGrid
          {...rows}
          handle={grid}
          label={t("tasks")}
          marked={new Set(marked.keys())}
          mark={mark}
          actions={{
            mayFinish,
            finish: (task) => void complete(task),
            open,
            filterBy: (assignee) => narrow({ assignee }),
          }}
        />
      )}
      {fresh > 0 && (
        <Button look="primary" className={styles.pill ?? ""} onClick={showFresh}>
          <span aria-hidden="true">↑</span>
          {t("new", { count: fresh })}
        </Button>
      )}
      {marked.size > 0 && (
        <div className={styles.marked} role="status">
          {t("marked", { count: marked.size })}
          {finishable.length > 0 && (
            <Button small onClick={() => void finishMarked()}>
              {t("finishMarked", { count: finishable.length })}
            </Button>
          )}
          <Button look="ghost" small onClick={unmark}>
            {t("unmark")}
          </Button>
        </div>
      )}
      <Suspense>{peek}</Suspense>
    </div>
  );
}
