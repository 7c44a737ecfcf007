/** A windowed list of tasks with keys; where its rows come from is no matter to it. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type Ref, useCallback, useEffect, useImperativeHandle, useRef, useState } from "react";
import type { Price, Task } from "../data/task-details.ts";
import { textOf } from "../i18n/text.ts";
import { useShortcuts } from "../keys/keyboard.ts";
import { classes } from "../ui/classes.ts";
import { type RowActions, TaskRow } from "./task-row.tsx";
import styles from "./tasks.module.css";

const HEAD = 34;
const PAGE_ROWS = 15;

export type Rows = {
  count: number;
  taskAt: (index: number) => Task | undefined;
  priceAt: (index: number) => Price | undefined;
};

export type GridHandle = { toTop: () => void };

type Props = Rows & {
  label: string;
  /** Tells which rows are on the screen, so that they can be fetched. */
  onWindow: (first: number, last: number) => void;
  actions: Omit<RowActions, "select">;
  marked: ReadonlySet<string>;
  mark: (tasks: readonly Task[], on: boolean) => void;
  /** Everything here is mine: who holds it need not be said in each row. */
  own?: boolean;
  handle?: Ref<GridHandle>;
};

const rowHeight = () => Number.parseInt(getComputedStyle(document.documentElement).getPropertyValue("--row"), 10) || 40;

export function TaskGrid({
  count,
  taskAt,
  priceAt,
  label,
  onWindow,
  actions,
  marked,
  mark,
  own = false,
  handle,
}: Props) {
  const t = textOf("tasks");
  const box = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState(0);
  const [height] = useState(rowHeight);
  const list = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: 10,
    paddingStart: HEAD,
    scrollPaddingStart: HEAD,
  });
  const items = list.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onWindow(first, last), [first, last, onWindow]);
  const at = Math.min(cursor, Math.max(0, count - 1));

  const select = useCallback((index: number) => setCursor(index), []);
  const newest = useRef(actions);
  useEffect(() => {
    newest.current = actions;
  });
  // One object for all rows and for ever, so that a row is drawn anew only for its own sake.
  const [rowActions] = useState<RowActions>(() => ({
    mayFinish: (task) => newest.current.mayFinish(task),
    finish: (task) => newest.current.finish(task),
    open: (task) => newest.current.open(task),
    filterBy: (assigneeId) => newest.current.filterBy?.(assigneeId),
    select,
  }));
  useImperativeHandle(handle, () => ({
    toTop: () => {
      setCursor(0);
      list.scrollToIndex(0);
    },
  }));

  const go = (to: number) => {
    const next = Math.max(0, Math.min(count - 1, to));
    setCursor(next);
    list.scrollToIndex(next, { align: "auto" });
  };
  const here = () => taskAt(at);
  const extend = (by: number) => {
    const next = Math.max(0, Math.min(count - 1, at + by));
    mark(
      [here(), taskAt(next)].filter((task) => task !== undefined),
      true,
    );
    go(next);
  };
  useShortcuts([
    { keys: "KeyJ", label: t("keys.next"), run: () => go(at + 1) },
    { keys: "ArrowDown", run: () => go(at + 1) },
    { keys: "KeyK", label: t("keys.previous"), run: () => go(at - 1) },
    { keys: "ArrowUp", run: () => go(at - 1) },
    { keys: "PageDown", run: () => go(at + PAGE_ROWS) },
    { keys: "PageUp", run: () => go(at - PAGE_ROWS) },
    { keys: "Home", run: () => go(0) },
    { keys: "End", run: () => go(count - 1) },
    { keys: "Shift+KeyJ", label: t("keys.extend"), run: () => extend(1) },
    { keys: "Shift+KeyK", run: () => extend(-1) },
    { keys: "Shift+ArrowDown", run: () => extend(1) },
    { keys: "Shift+ArrowUp", run: () => extend(-1) },
    {
      keys: "KeyX",
      label: t("keys.mark"),
      run: () => {
        const task = here();
        if (task) mark([task], !marked.has(task.id));
      },
    },
    {
      keys: "KeyE",
      label: t("keys.finish"),
      run: () => {
        const task = here();
        if (task && task.status !== "done" && actions.mayFinish(task)) actions.finish(task);
      },
    },
    {
      keys: "Enter",
      label: t("keys.open"),
      run: () => {
        const task = here();
        if (task) actions.open(task);
      },
    },
  ]);

  return (
    <div
      ref={box}
      className={classes(styles.grid, own && styles.own)}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={count + 1}
      aria-colcount={own ? 6 : 7}
      aria-multiselectable="true"
      aria-activedescendant={items.some((item) => item.index === at) ? `row-${at}` : undefined}
    >
      <div role="rowgroup" style={{ height: list.getTotalSize(), position: "relative" }}>
        <div className={classes(styles.row, styles.head)} role="row" aria-rowindex={1}>
          <span role="columnheader">
            <span className="sr">{t("column.status")}</span>
          </span>
          <span role="columnheader" className={styles.wide}>
            {t("column.id")}
          </span>
          <span role="columnheader">{t("column.task")}</span>
          <span role="columnheader" className={classes(styles.wide, styles.assignee)}>
            {t("column.assignee")}
          </span>
          <span role="columnheader" className={classes(styles.right, styles.wide)}>
            {t("column.fee")}
          </span>
          <span role="columnheader" className={styles.right}>
            {t("column.reward")}
          </span>
          <span role="columnheader" className={classes(styles.right, styles.wide)}>
            {t("column.created")}
          </span>
        </div>
        {items.map(({ key, index, start }) => {
          const task = taskAt(index);
          return (
            <TaskRow
              key={key}
              index={index}
              top={start}
              task={task}
              price={priceAt(index)}
              selected={index === at}
              marked={task !== undefined && marked.has(task.id)}
              actions={rowActions}
            />
          );
        })}
      </div>
    </div>
  );
}
