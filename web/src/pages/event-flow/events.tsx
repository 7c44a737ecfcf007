/** The newest events with who has heard them; a press on a type or a source makes it the filter. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { EyeOff, X } from "lucide-react";
import { useState } from "react";
import { dateFormat, formatInstant } from "../../format/dates.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { classes, ui } from "../../ui/classes.ts";
import { Chip, Input, Select, Table } from "../../ui/parts.tsx";
import { code, Toolbar } from "../../ui/side-panel.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import styles from "./flow.module.css";
import { flowEventsQuery } from "./queries.ts";
import type { FlowSearch } from "./route.ts";
import { serviceName } from "./service-card.tsx";
import type { Flow, FlowEvent } from "./shape.ts";
import { formatSpan } from "./units.ts";
import { TimeHead } from "../../ui/time-head.tsx";

const STEP = 50;
const MAX = 500;
const timeFormat = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;

type Props = { flow: Flow; search: FlowSearch; paused: boolean; onSearch: (next: FlowSearch) => void };

export function LatestEvents({ flow, search, paused, onSearch }: Props) {
  const t = textOf("event-flow");
  const [limit, setLimit] = useState(STEP);
  const events = useQuery({ ...flowEventsQuery(search, limit), placeholderData: keepPreviousData, enabled: !paused });
  const types = [
    ...new Set([...flow.rates, ...flow.consumers].flatMap((one) => ("type" in one ? [one.type] : one.types))),
  ];
  const left = search.except?.split(",") ?? [];
  const exceptWithout = (type: string) => left.filter((one) => one !== type).join(",");
  return (
    <section aria-label={t("latest")} className={styles.latest}>
      <Toolbar>
        <h2>{t("latest")}</h2>
        <Select
          aria-label={t("source")}
          value={search.source ?? ""}
          onChange={(event) => onSearch({ ...search, source: event.target.value })}
        >
          <option value="">{t("anySource")}</option>
          {flow.services.map(({ name }) => (
            <option key={name} value={name}>
              {serviceName(name)}
            </option>
          ))}
        </Select>
        <Select
          aria-label={t("type")}
          value={search.type ?? ""}
          onChange={(event) => onSearch({ ...search, type: event.target.value })}
        >
          <option value="">{t("anyType")}</option>
          {types.toSorted().map((type) => (
            <option key={type} value={type}>
              {type}
            </option>
          ))}
        </Select>
        <div className={styles.times} role="group" aria-label={t("logged")}>
          {(["from", "until"] as const).map((end) => (
            <label key={end}>
              {t(end)}
              <Input
                type="datetime-local"
                value={search[end] ?? ""}
                onChange={(event) => onSearch({ ...search, [end]: event.target.value })}
              />
            </label>
          ))}
        </div>
        {left.map((type) => (
          <Button key={type} small look="ghost" onClick={() => onSearch({ ...search, except: exceptWithout(type) })}>
            {t("without", { type })}
            <X size={13} aria-hidden="true" />
          </Button>
        ))}
        {paused && <Chip tone="warn">{t("paused")}</Chip>}
      </Toolbar>
      {events.isPending ? (
        <LoadingRows />
      ) : events.isError ? (
        <ErrorState error={events.error} retry={() => void events.refetch()} />
      ) : events.data.items.length === 0 ? (
        <EmptyState title={t("none")} action={<Button onClick={() => onSearch({})}>{t("clear")}</Button>}>
          {t("noneAbout")}
        </EmptyState>
      ) : (
        <>
          <EventTable
            events={events.data.items}
            onType={(source, type) => onSearch({ ...search, source, type })}
            onExcept={(type) => onSearch({ ...search, except: [...left, type].join(",") })}
          />
          {events.data.nextCursor !== null && limit < MAX && (
            <p className={styles.more}>
              <Button onClick={() => setLimit(limit + STEP)}>{t("more")}</Button>
            </p>
          )}
        </>
      )}
    </section>
  );
}

const TraceLink = ({ event }: { event: FlowEvent }) => (
  <Link to="/explain" search={{ trace: event.id }} className={classes(code, styles.link)}>
    {event.correlationId.slice(-8)}
  </Link>
);

function EventTable({
  events,
  onType,
  onExcept,
}: {
  events: readonly FlowEvent[];
  onType: (source: string, type: string) => void;
  onExcept: (type: string) => void;
}) {
  const t = textOf("event-flow");
  return (
    <Table label={t("latest")}>
      <thead>
        <tr>
          <th>
            <TimeHead>{t("column.time")}</TimeHead>
          </th>
          <th>{t("column.event")}</th>
          <th className={ui.wideOnly}>{t("column.producer")}</th>
          <th>{t("column.consumers")}</th>
          <th className={ui.wideOnly}>{t("column.trace")}</th>
          <th className={classes(ui.right, ui.wideOnly)}>{t("column.logged")}</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <tr key={event.id}>
            <td className={classes("num", styles.quiet)} data-tip={formatInstant(event.time)}>
              {dateFormat(timeFormat).format(new Date(event.time))}
            </td>
            <td className={ui.narrowFill}>
              <span className={styles.type}>
                <button type="button" className={code} onClick={() => onType(event.source, event.type)}>
                  {event.type}.v{event.version}
                </button>
                <Button
                  look="ghost"
                  icon
                  small
                  aria-label={t("leaveOut", { type: event.type })}
                  onClick={() => onExcept(event.type)}
                >
                  <EyeOff size={13} />
                </Button>
              </span>
              <span className={ui.narrowOnly}>
                <TraceLink event={event} />
              </span>
            </td>
            <td className={classes(styles.quiet, ui.wideOnly)}>{serviceName(event.source)}</td>
            <td>
              <Heard event={event} />
            </td>
            <td className={ui.wideOnly}>
              <TraceLink event={event} />
            </td>
            <td className={classes(ui.right, ui.wideOnly)}>{formatSpan(event.madeAt, event.loggedAt)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** `2 / 2`: how many of those that listen have applied it. */
export function Heard({ event }: { event: Pick<FlowEvent, "consumers"> }) {
  const t = textOf("event-flow");
  const done = event.consumers.filter((one) => one.state === "applied").length;
  const aside = event.consumers.some((one) => one.state === "put-aside");
  const states = event.consumers.map((one) => `${one.service} ${one.consumer}: ${t(`state.${one.state}`)}`).join("\n");
  if (event.consumers.length === 0) return <Chip>0</Chip>;
  return (
    <Chip tone={aside ? "neg" : done === event.consumers.length ? "pos" : "warn"} data-tip={states}>
      {done} / {event.consumers.length}
    </Chip>
  );
}
