import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowDownLeft, ArrowUpRight, Ban, Pencil, Plus, RotateCcw, X } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useMay, useMe } from "../data/people.ts";
import { useComplete, useMayFinish, useReopen } from "../data/task-actions.ts";
import {
  entryIdOf,
  historyQuery,
  nameOf,
  type Price,
  pricesQuery,
  type Step,
  taskQuery,
} from "../data/task-details.ts";
import { formatInstant } from "../format/dates.ts";
import { formatAge } from "../format/days.ts";
import { textOf } from "../i18n/text.ts";
import { useShortcuts } from "../keys/keyboard.ts";
import { businessNow } from "../live/stream.ts";
import { Person } from "../ui/avatar.tsx";
import { Button, Keys } from "../ui/button.tsx";
import { ui } from "../ui/classes.ts";
import { Money } from "../ui/money.tsx";
import { Chip, Mark } from "../ui/parts.tsx";
import { ErrorState, LoadingRows } from "../ui/states.tsx";
import { CancelDialog } from "./cancel-dialog.tsx";
import styles from "./tasks.module.css";

/** A task beside the list: what it is, and what happened to it, with the lines of the books that followed. */
export function TaskPeek({ taskId, onClose }: { taskId: string; onClose: () => void }) {
  const t = textOf("tasks");
  const d = textOf("task-dialogs");
  const panel = useRef<HTMLElement>(null);
  const { data: task, error } = useQuery(taskQuery(taskId));
  const { data: prices } = useQuery(pricesQuery([taskId]));
  const complete = useComplete();
  const reopen = useReopen();
  const mayFinish = useMayFinish();
  const mayCancel = useMay("shuffle");
  const [cancelling, setCancelling] = useState(false);
  const price = prices?.get(taskId);
  useShortcuts([{ keys: "Escape", label: t("keys.close"), run: onClose }]);
  useEffect(() => panel.current?.focus({ preventScroll: true }), []);
  return (
    <aside ref={panel} className={styles.peek} aria-label={t("peek")} tabIndex={-1}>
      <header>
        <span>{task && nameOf(task)}</span>
        {task?.status === "in_progress" && mayFinish(task) && (
          <Button small onClick={() => void complete(task)}>
            {t("markDone")}
            <Keys keys="KeyE" />
          </Button>
        )}
        {task?.status === "in_progress" && mayCancel && (
          <Button small onClick={() => setCancelling(true)}>
            {t("cancel")}
          </Button>
        )}
        {task?.reopenable === true && mayFinish(task) && (
          <Button small onClick={() => void reopen(task)}>
            {t("reopen")}
          </Button>
        )}
        <Button look="ghost" icon small aria-label={t("closePeek")} onClick={onClose}>
          <X size={16} />
        </Button>
      </header>
      {cancelling && task !== undefined && <CancelDialog task={task} onClose={() => setCancelling(false)} />}
      {error !== null && <ErrorState error={error} />}
      {task === undefined && error === null && <LoadingRows rows={5} />}
      {task !== undefined && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        <div tabIndex={0} role="region" aria-label={task.title}>
          <h2>{task.title}</h2>
          <dl className={styles.facts}>
            <dt>{t("column.status")}</dt>
            <dd>
              {task.status === "in_progress" && <Chip>{t("status.open")}</Chip>}
              {task.status === "done" && <Chip tone="pos">{t("status.done")}</Chip>}
              {task.status === "cancelled" && <Chip tone="warn">{t("status.cancelled")}</Chip>}
            </dd>
            <dt>{t("column.assignee")}</dt>
            <dd>{task.assigneeId === null ? t("waits") : <Person id={task.assigneeId} name={task.assigneeName} />}</dd>
            <dt>{t("column.fee")}</dt>
            <dd>{price ? <Money minor={-price.feeMinor} currency={price.currency} /> : t("noPrice")}</dd>
            <dt>{t("column.reward")}</dt>
            <dd>
              {price ? <Money minor={price.rewardMinor} currency={price.currency} signed tone="flow" /> : t("noPrice")}
            </dd>
            <dt>{t("column.created")}</dt>
            <dd data-tip={formatInstant(task.createdAt)}>{formatAge(task.createdAt, businessNow())}</dd>
          </dl>
          {task.description !== "" && <p className={styles.text}>{task.description}</p>}
          <section>
            <h3 className={ui.label}>
              {d("history")}
              <Link to="/explain" search={{ task: taskId }} className={styles.explain}>
                {textOf("shell")("place.explain")}
              </Link>
            </h3>
            <History taskId={taskId} price={price} />
          </section>
        </div>
      )}
    </aside>
  );
}

const icons: Record<Step["what"], ReactNode> = {
  created: <Plus size={13} strokeWidth={2.2} />,
  assigned: <ArrowDownLeft size={13} strokeWidth={2.2} />,
  done: <ArrowUpRight size={13} strokeWidth={2.2} />,
  reopened: <RotateCcw size={13} strokeWidth={2.2} />,
  cancelled: <Ban size={13} strokeWidth={2.2} />,
  edited: <Pencil size={12} strokeWidth={2.2} />,
};

function History({ taskId, price }: { taskId: string; price: Price | undefined }) {
  const t = textOf("tasks");
  const d = textOf("task-dialogs");
  const me = useMe();
  const seesAll = useMay("accounts");
  const { data: steps, error } = useQuery(historyQuery(taskId));
  if (error !== null) return <ErrorState error={error} />;
  if (steps === undefined) return <LoadingRows rows={3} />;
  const text = (step: Step) => {
    const who = step.assigneeName ?? t("nobody");
    if (step.what === "created") return d("step.created", { who: step.actorName ?? t("system") });
    if (step.what === "assigned") return d("step.assigned", { who });
    if (step.what === "done") return d("step.done", { who });
    if (step.what === "reopened") return d("step.reopened", { who: step.actorName ?? t("system") });
    if (step.what === "cancelled") {
      return d("step.cancelled", { who: step.actorName ?? t("system"), reason: step.reason ?? "" });
    }
    return step.assigneeId === null ? d("step.waits") : d("step.edited", { who: step.actorName ?? t("system") });
  };
  const amount = (step: Step) => {
    if (price === undefined) return null;
    if (step.what === "assigned") return -price.feeMinor;
    if (step.what === "done") return price.rewardMinor;
    return step.what === "reopened" ? -price.rewardMinor : null;
  };
  return (
    <ol className={styles.steps}>
      {steps.map((step) => {
        const minor = amount(step);
        const currency = price?.currency ?? "USD";
        const maySee = seesAll || step.assigneeId === me.userId;
        return (
          <li key={step.eventId}>
            <Mark tone={step.what === "done" ? "pos" : undefined}>{icons[step.what]}</Mark>
            <div>
              {text(step)}
              <small data-tip={formatInstant(step.at)}>
                {formatAge(step.at, businessNow())}
                {step.what === "done" && step.actorId !== null && step.actorId !== step.assigneeId && (
                  <> · {d("step.by", { who: step.actorName ?? t("system") })}</>
                )}
              </small>
            </div>
            {step.what === "cancelled" && step.assigneeId !== null && maySee && (
              // How much came back the books alone know: the fee may have been corrected meanwhile.
              <Link to="/explain/$entryId" params={{ entryId: entryIdOf(step) }} className={styles.money}>
                {d("step.returned")}
              </Link>
            )}
            {minor !== null && maySee && (
              <Link to="/explain/$entryId" params={{ entryId: entryIdOf(step) }} className={styles.money}>
                <Money minor={minor} currency={currency} signed tone="flow" />
                <span className="sr">{d("explain")}</span>
              </Link>
            )}
          </li>
        );
      })}
    </ol>
  );
}
