import { Check } from "lucide-react";
import { memo } from "react";
import { nameOf, type Price, type Task } from "../data/task-details.ts";
import { formatInstant } from "../format/dates.ts";
import { formatAge } from "../format/days.ts";
import { formatMoney } from "../format/money.ts";
import { textOf } from "../i18n/text.ts";
import { businessNow } from "../live/stream.ts";
import { Person } from "../ui/avatar.tsx";
import { classes } from "../ui/classes.ts";
import { Skeleton } from "../ui/skeleton.tsx";
import styles from "./tasks.module.css";

export type RowActions = {
  mayFinish: (task: Task) => boolean;
  finish: (task: Task) => void;
  open: (task: Task) => void;
  select: (index: number) => void;
  /** A click on the assignee becomes a filter. */
  filterBy?: (assigneeId: string) => void;
};

type Props = {
  index: number;
  /** Pixels from the top of the list. */
  top: number;
  task: Task | undefined;
  price: Price | undefined;
  selected: boolean;
  marked: boolean;
  actions: RowActions;
};

/** One row; drawn anew only when something of it changed. Nothing is there yet: grey lines of the right length. */
export const TaskRow = memo(function TaskRow({ index, top, task, price, selected, marked, actions }: Props) {
  const t = textOf("tasks");
  const shape = {
    role: "row",
    id: `row-${index}`,
    "aria-rowindex": index + 2,
    className: styles.row,
    style: { transform: `translateY(${top}px)` },
  };
  if (task === undefined) {
    return (
      <div {...shape}>
        <span role="gridcell" />
        <span role="gridcell" className={styles.wide}>
          <Skeleton width={64} />
        </span>
        <span role="gridcell">
          <span className="sr">{textOf("ui")("loading")}</span>
          <Skeleton width={`${38 + ((index * 37) % 40)}%`} />
        </span>
        <span role="gridcell" className={classes(styles.wide, styles.assignee)}>
          <Skeleton width={110} />
        </span>
      </div>
    );
  }
  const done = task.status === "done";
  const may = task.status === "in_progress" && actions.mayFinish(task);
  const amount = (minor: number) => formatMoney(minor, price?.currency ?? "USD", { signed: true, short: true });
  return (
    // The keys are those of the whole grid, which has the focus.
    // oxlint-disable-next-line click-events-have-key-events
    <div
      {...shape}
      aria-selected={selected}
      data-done={task.status !== "in_progress" || undefined}
      data-marked={marked || undefined}
      onClick={() => {
        actions.select(index);
        actions.open(task);
      }}
    >
      <span role="gridcell" className={styles.checkCell}>
        <button
          type="button"
          role="checkbox"
          tabIndex={-1}
          className={styles.check}
          aria-checked={done}
          aria-disabled={!may || undefined}
          aria-label={t("finish", { task: nameOf(task) })}
          onClick={(event) => {
            event.stopPropagation();
            actions.select(index);
            if (may) actions.finish(task);
          }}
        >
          <Check size={11} strokeWidth={3.2} aria-hidden="true" />
        </button>
      </span>
      <span role="gridcell" className={classes(styles.id, styles.wide)}>
        {nameOf(task)}
      </span>
      <span role="gridcell" className={styles.title} title={task.title}>
        {task.title}
      </span>
      <span role="gridcell" className={classes(styles.wide, styles.quiet, styles.assignee)}>
        {task.assigneeId === null ? (
          t("waits")
        ) : (
          <button
            type="button"
            tabIndex={-1}
            className={styles.who}
            onClick={(event) => {
              if (actions.filterBy === undefined || task.assigneeId === null) return;
              event.stopPropagation();
              actions.filterBy(task.assigneeId);
            }}
          >
            <Person id={task.assigneeId} name={task.assigneeName} />
          </button>
        )}
      </span>
      <span role="gridcell" className={classes(styles.right, styles.quiet, styles.wide)}>
        {price && amount(-price.feeMinor)}
      </span>
      <span role="gridcell" className={classes(styles.right, styles.reward)}>
        {price && amount(price.rewardMinor)}
      </span>
      <span
        role="gridcell"
        className={classes(styles.right, styles.age, styles.wide)}
        data-tip={formatInstant(task.createdAt)}
      >
        {formatAge(task.createdAt, businessNow())}
      </span>
    </div>
  );
});
