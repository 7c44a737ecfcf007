import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { ChevronRight, CircleCheck } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect } from "react";
import { PageFrame } from "../../app/page-frame.tsx";
import { myAccountQuery } from "../../data/accounts.ts";
import { usePendingEntries } from "../../data/pending-entries.ts";
import { useBillingZone } from "../../data/business-day.ts";
import { useMe } from "../../data/people.ts";
import { useComplete, useMayFinish, useReopen } from "../../data/task-actions.ts";
import { followTasks } from "../../data/task-cache.ts";
import { nameOf, type Price, pricesQuery, type Task } from "../../data/task-details.ts";
import { myTasksQuery } from "../../data/tasks.ts";
import { formatInstant } from "../../format/dates.ts";
import { dayIn, formatAge } from "../../format/days.ts";
import { formatMoney } from "../../format/money.ts";
import { textOf, withText } from "../../i18n/text.ts";
import { businessNow } from "../../live/stream.ts";
import { TaskGrid } from "../../tasks/task-grid.tsx";
import taskStyles from "../../tasks/tasks.module.css";
import { Button, Keys } from "../../ui/button.tsx";
import { classes, ui } from "../../ui/classes.ts";
import { Money } from "../../ui/money.tsx";
import { Chip } from "../../ui/parts.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { EmptyState, ErrorState } from "../../ui/states.tsx";
import styles from "./my-tasks.module.css";
import { myTasksRoute } from "./route.ts";

const TaskPeek = lazy(async () => ({
  default: (await withText(import("../../tasks/task-peek.tsx"), "task-dialogs")).TaskPeek,
}));

export function MyTasksPage() {
  const t = textOf("my-tasks");
  const me = useMe();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { task: taskId, done: unfolded } = myTasksRoute.useSearch();
  const openQuery = useQuery(myTasksQuery("in_progress"));
  const doneQuery = useQuery(myTasksQuery("done"));
  const zone = useBillingZone();
  useEffect(() => followTasks(queries, me.userId, () => {}), [queries, me.userId]);

  // What was finished just now stays where it is until the list is read again: nothing jumps under the hand.
  const tasks = openQuery.data ?? [];
  const stillOpen = tasks.filter((task) => task.status === "in_progress");
  const today = zone === undefined ? undefined : dayIn(zone, new Date(businessNow()));
  const doneToday = unique([...tasks.filter((task) => task.status === "done"), ...(doneQuery.data ?? [])]).filter(
    (task) =>
      task.status === "done" &&
      task.doneAt !== null &&
      zone !== undefined &&
      dayIn(zone, new Date(task.doneAt)) === today,
  );
  const priceOf = usePrices([...tasks, ...doneToday]);
  const search = (change: { task?: string | undefined; done?: true | undefined }) =>
    void navigate({
      to: "/my-tasks",
      search: (old) => clean({ ...old, ...change }),
      replace: change.task === undefined,
    });
  const open = useCallback(
    (task: Task) => void navigate({ to: "/my-tasks", search: (old) => ({ ...old, task: task.id }) }),
    [navigate],
  );
  const complete = useComplete();
  const mayFinish = useMayFinish();

  return (
    <PageFrame area="work" title={t("title")} full>
      <Lead open={stillOpen} done={doneToday} priceOf={priceOf} />
      {openQuery.error !== null && openQuery.data === undefined && (
        <ErrorState error={openQuery.error} retry={() => void openQuery.refetch()} />
      )}
      <div className={taskStyles.body}>
        {tasks.length === 0 ? (
          <NothingOpen done={doneToday} priceOf={priceOf} />
        ) : (
          <TaskGrid
            count={tasks.length}
            taskAt={(index) => tasks[index]}
            priceAt={(index) => priceOf(tasks[index]?.id)}
            onWindow={nothing}
            label={t("title")}
            own
            marked={none}
            mark={nothing}
            actions={{ mayFinish, finish: (task) => void complete(task), open }}
          />
        )}
        <Suspense>
          {taskId !== undefined && (
            <TaskPeek key={taskId} taskId={taskId} onClose={() => search({ task: undefined })} />
          )}
        </Suspense>
      </div>
      {doneToday.length > 0 && (
        <>
          <button
            type="button"
            className={taskStyles.fold}
            aria-expanded={unfolded === true}
            onClick={() => search({ done: unfolded ? undefined : true })}
          >
            <ChevronRight size={15} aria-hidden="true" />
            {t("doneToday", { count: doneToday.length })}
          </button>
          {unfolded === true && <DoneToday tasks={doneToday} priceOf={priceOf} />}
        </>
      )}
    </PageFrame>
  );
}

type PriceOf = (taskId: string | undefined) => Price | undefined;
const none: ReadonlySet<string> = new Set();
const nothing = () => {};

const unique = (tasks: readonly Task[]) => [...new Map(tasks.map((task) => [task.id, task])).values()];
const clean = (search: { task?: string | undefined; done?: true | undefined }) => ({
  ...(search.task !== undefined && { task: search.task }),
  ...(search.done !== undefined && { done: search.done }),
});

function usePrices(tasks: readonly Task[]): PriceOf {
  // In the order of ids: a task that is done only changes places.
  const ids = unique(tasks).map((task) => task.id);
  const { data } = useQuery({ ...pricesQuery(ids.toSorted()), placeholderData: keepPreviousData });
  return (taskId) => (taskId === undefined ? undefined : data?.get(taskId));
}

/** Undefined while the price of one of them is not known: half a sum would be a wrong one. */
function sumOf(tasks: readonly Task[], priceOf: PriceOf): number | undefined {
  const rewards = tasks.map((task) => priceOf(task.id)?.rewardMinor);
  return rewards.reduce<number | undefined>(
    (sum, reward) => (sum === undefined || reward === undefined ? undefined : sum + reward),
    0,
  );
}

function Lead({ open, done, priceOf }: { open: readonly Task[]; done: readonly Task[]; priceOf: PriceOf }) {
  const t = textOf("my-tasks");
  const pending = usePendingEntries();
  const { data: account } = useQuery(myAccountQuery);
  const currency = account?.currency ?? "USD";
  const figure = (minor: number | undefined, tone?: "balance") =>
    minor === undefined ? (
      <Skeleton width={120} height={20} />
    ) : (
      <Money minor={minor} currency={currency} size="big" {...(tone && { tone })} />
    );
  return (
    <section className={taskStyles.lead} aria-label={t("today")}>
      <div>
        <span className={ui.label}>{t("canEarn")}</span>
        <span className={taskStyles.figure}>{figure(sumOf(open, priceOf))}</span>
        <span className={ui.hint}>{t("openTasks", { count: open.length })}</span>
      </div>
      <div>
        <span className={ui.label}>{t("earned")}</span>
        <span className={taskStyles.figure}>{figure(account?.earnedTodayMinor)}</span>
        <span className={ui.hint}>
          {account === undefined
            ? "\u00a0"
            : t("parts", {
                rewards: formatMoney(account.creditsMinor, currency, { short: true }),
                fees: formatMoney(account.debitsMinor, currency, { short: true }),
              })}
        </span>
      </div>
      <div>
        <span className={ui.label}>{t("balance")}</span>
        <span className={taskStyles.figure}>
          {figure(account?.balanceMinor, "balance")}
          {pending.length > 0 && <Chip tone="warn">{t("pending", { count: pending.length })}</Chip>}
        </span>
        <Link to="/account" className={`${ui.hint} ${styles.link}`}>
          {done.length > 0 ? t("why") : t("toAccount")}
        </Link>
      </div>
    </section>
  );
}

function NothingOpen({ done, priceOf }: { done: readonly Task[]; priceOf: PriceOf }) {
  const t = textOf("my-tasks");
  const navigate = useNavigate();
  const { data: account } = useQuery(myAccountQuery);
  if (done.length === 0) {
    return (
      <EmptyState
        title={t("emptyTitle")}
        action={
          <Button onClick={() => void navigate({ to: "/tasks/new" })}>
            {textOf("tasks")("newTask")}
            <Keys keys="KeyC" />
          </Button>
        }
      >
        {t("empty")}
      </EmptyState>
    );
  }
  return (
    <EmptyState title={t("allDone")}>
      {t("allDoneEarned", {
        amount: formatMoney(sumOf(done, priceOf) ?? 0, account?.currency ?? "USD", { short: true }),
      })}
    </EmptyState>
  );
}

function DoneToday({ tasks, priceOf }: { tasks: readonly Task[]; priceOf: PriceOf }) {
  const t = textOf("my-tasks");
  const reopen = useReopen();
  const amount = (minor: number, { currency }: Price) => formatMoney(minor, currency, { signed: true, short: true });
  return (
    <ul className={classes(taskStyles.own, styles.done)}>
      {tasks.map((task) => {
        const price = priceOf(task.id);
        return (
          <li key={task.id} className={taskStyles.row} data-done>
            <CircleCheck size={18} strokeWidth={1.75} aria-hidden="true" />
            <span className={classes(taskStyles.id, taskStyles.wide)}>{nameOf(task)}</span>
            <span className={classes(taskStyles.title, styles.title)}>
              <span title={task.title}>{task.title}</span>
              {task.reopenable && (
                <Button
                  look="ghost"
                  small
                  onClick={() => void reopen(task)}
                  aria-label={t("takeBack", { task: nameOf(task) })}
                >
                  {textOf("ui")("undo")}
                </Button>
              )}
            </span>
            <span className={classes(taskStyles.right, taskStyles.quiet, taskStyles.wide)}>
              {price && amount(-price.feeMinor, price)}
            </span>
            <span className={classes(taskStyles.right, taskStyles.reward)}>
              {price && amount(price.rewardMinor, price)}
            </span>
            <span
              className={classes(taskStyles.right, taskStyles.age, taskStyles.wide)}
              {...(task.doneAt !== null && { "data-tip": formatInstant(task.doneAt) })}
            >
              {task.doneAt !== null && formatAge(task.doneAt, businessNow())}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
