/** What happened to a task, step by step; from each step to its entries and its events. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Ban, Check, Pencil, Plus, RotateCcw, Shuffle } from "lucide-react";
import { api, ask } from "../../api/client.ts";
import { useMay } from "../../data/people.ts";
import { formatInstant } from "../../format/dates.ts";
import { textOf } from "../../i18n/text.ts";
import { Person } from "../../ui/avatar.tsx";
import { Chip } from "../../ui/parts.tsx";
import { code, Facts } from "../../ui/side-panel.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import { Step } from "./entry-page.tsx";
import styles from "./explain.module.css";

const icons = { created: Plus, assigned: Shuffle, done: Check, reopened: RotateCcw, edited: Pencil, cancelled: Ban };

/** Of a status. */
const toneOf = { in_progress: undefined, done: "pos", cancelled: "warn" } as const;

export function TaskView({ taskId }: { taskId: string }) {
  const t = textOf("explain");
  const seesTraces = useMay("admin");
  const path = { taskId };
  const task = useQuery({
    queryKey: ["history", "task", taskId],
    queryFn: () => ask(api.GET("/api/tasks/{taskId}", { params: { path } })),
  });
  const history = useQuery({
    queryKey: ["history", taskId],
    queryFn: () => ask(api.GET("/api/tasks/{taskId}/history", { params: { path } })),
  });
  if (task.isPending || history.isPending) return <LoadingRows />;
  if (task.isError) return <ErrorState error={task.error} retry={() => void task.refetch()} />;
  if (history.isError) return <ErrorState error={history.error} retry={() => void history.refetch()} />;
  return (
    <>
      <header className={styles.task}>
        <h2>{task.data.title}</h2>
        <Chip tone={toneOf[task.data.status]}>{t(`status.${task.data.status}`)}</Chip>
        <Link to="/tasks/$taskId" params={path}>
          {t("openTask")}
        </Link>
      </header>
      {history.data.items.length === 0 && <EmptyState title={t("noHistory")} />}
      <ol className={styles.chain}>
        {history.data.items.map((step, at) => {
          const Icon = icons[step.what];
          return (
            <Step
              key={step.eventId}
              icon={<Icon size={14} strokeWidth={1.9} aria-hidden="true" />}
              title={t(`what.${step.what}`)}
              tone={step.what === "done" ? "pos" : undefined}
              last={at === history.data.items.length - 1}
            >
              <Facts
                facts={[
                  step.assigneeId === null
                    ? null
                    : [t("holder"), <Person key="holder" id={step.assigneeId} name={step.assigneeName} />],
                  step.actorId === null ? null : [t("by"), <Person key="by" id={step.actorId} name={step.actorName} />],
                  [t("when"), formatInstant(step.at)],
                  step.reason === null ? null : [t("reason"), step.reason],
                  step.what === "edited" || step.assigneeId === null
                    ? null
                    : [
                        t("money"),
                        <Link
                          key="money"
                          to="/explain/$entryId"
                          params={{
                            entryId: `${step.period}-tasks-${step.epoch}-${step.partition}-${step.position}-0`,
                          }}
                        >
                          {t("entryOf")}
                        </Link>,
                      ],
                  seesTraces
                    ? [
                        t("event"),
                        <Link key="event" to="/explain" search={{ trace: step.eventId }} className={code}>
                          {step.eventId}
                        </Link>,
                      ]
                    : null,
                ]}
              />
            </Step>
          );
        })}
      </ol>
    </>
  );
}
