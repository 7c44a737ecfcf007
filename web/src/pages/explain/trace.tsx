/** Everything that goes back to one command as a waterfall: waiting in the outbox and waiting for a consumer drawn as such. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask } from "../../api/client.ts";
import { formatInstant } from "../../format/dates.ts";
import { textOf } from "../../i18n/text.ts";
import { Actor } from "../../ui/actor.tsx";
import { classes, ui } from "../../ui/classes.ts";
import { code, Facts, Json } from "../../ui/side-panel.tsx";
import { ErrorState, LoadingRows } from "../../ui/states.tsx";
import { Heard } from "../event-flow/events.tsx";
import { serviceName } from "../event-flow/service-card.tsx";
import type { FlowEvent } from "../event-flow/shape.ts";
import { formatSpan } from "../event-flow/units.ts";
import styles from "./explain.module.css";

export function TraceView({ id }: { id: string }) {
  const t = textOf("explain");
  const [open, setOpen] = useState<string | undefined>(id);
  const trace = useQuery({
    queryKey: ["events", "trace", id],
    queryFn: () => ask(api.GET("/api/traces/{id}", { params: { path: { id } } })),
  });
  if (trace.isPending) return <LoadingRows />;
  if (trace.isError) return <ErrorState error={trace.error} retry={() => void trace.refetch()} />;
  const { events, correlationId, more } = trace.data;
  const [first] = events;
  if (first === undefined) return null;
  const from = Math.min(...events.map((event) => Date.parse(event.madeAt)));
  const to = Math.max(...events.map((event) => Date.parse(event.loggedAt)), from + 1);
  return (
    <>
      <Facts
        facts={[
          [
            t("step.command"),
            <span key="command" className={code}>
              {first.command}
            </span>,
          ],
          [t("step.person"), <Actor key="actor" actor={first.actor} />],
          [t("when"), formatInstant(first.time)],
          [t("took"), formatSpan(new Date(from).toISOString(), new Date(to).toISOString())],
          [
            t("correlation"),
            <span key="correlation" className={code}>
              {correlationId}
            </span>,
          ],
        ]}
      />
      <p className={classes(ui.hint, styles.legend)}>
        <i data-what="queue" /> {t("legend.queue")} <i data-what="outbox" /> {t("legend.outbox")}
      </p>
      <ol className={styles.waterfall} aria-label={t("waterfall")}>
        {inTree(events).map(({ event, depth, cause }) => (
          <li key={event.id}>
            <button
              type="button"
              aria-expanded={open === event.id}
              onClick={() => setOpen(open === event.id ? undefined : event.id)}
            >
              <span className={styles.name} style={{ paddingLeft: Math.min(depth, 6) * 18 }}>
                <span className={code}>{event.type}</span>
                <small>{serviceName(event.source)}</small>
              </span>
              <Track event={event} cause={cause} from={from} to={to} />
              <Heard event={event} />
              <span className={classes("num", styles.took)}>{formatSpan(event.madeAt, event.loggedAt)}</span>
            </button>
            {open === event.id && (
              <div className={styles.opened}>
                <Facts
                  facts={[
                    [
                      t("event"),
                      <span key="id" className={code}>
                        {event.id}
                      </span>,
                    ],
                    [
                      t("place"),
                      <span
                        key="place"
                        className={code}
                      >{`${event.source} ${event.partition} / ${event.position}`}</span>,
                    ],
                    [
                      t("key"),
                      <span key="key" className={code}>
                        {event.key}
                      </span>,
                    ],
                    [
                      t("step.command"),
                      <span key="command" className={code}>
                        {event.command}
                      </span>,
                    ],
                  ]}
                />
                <Json label={`${t("data")} ${event.type}`} value={event.data} />
              </div>
            )}
          </li>
        ))}
      </ol>
      {more && <p className={ui.hint}>{t("more")}</p>}
    </>
  );
}

/** From the cause's place in the log to the making (the queue and the work), then to the own place in the log (the outbox). */
function Track({
  event,
  cause,
  from,
  to,
}: {
  event: FlowEvent;
  cause: FlowEvent | undefined;
  from: number;
  to: number;
}) {
  const at = (instant: string) => ((Date.parse(instant) - from) / (to - from)) * 100;
  const bar = (what: "queue" | "outbox", begin: number, end: number) => (
    <i data-what={what} style={{ left: `${begin}%`, width: `max(${Math.max(0, end - begin)}%, 3px)` }} />
  );
  return (
    <span className={styles.track} aria-hidden="true">
      {cause !== undefined && bar("queue", at(cause.loggedAt), at(event.madeAt))}
      {bar("outbox", at(event.madeAt), at(event.loggedAt))}
    </span>
  );
}

type InTree = { event: FlowEvent; depth: number; cause: FlowEvent | undefined };

/** Each event below the one that caused it. */
function inTree(events: readonly FlowEvent[]): InTree[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  const rows: InTree[] = [];
  const add = (event: FlowEvent, depth: number, cause: FlowEvent | undefined) => {
    rows.push({ event, depth, cause });
    for (const next of events) if (next.causationId === event.id) add(next, depth + 1, event);
  };
  for (const event of events) if (event.causationId === null || !byId.has(event.causationId)) add(event, 0, undefined);
  return rows;
}
