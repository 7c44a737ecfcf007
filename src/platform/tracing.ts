/**
 * Traces for a backend that speaks OTLP: the only file that knows OpenTelemetry, loaded where an endpoint is named. A trace
 * travels as `traceparent` in the events; a wait is told by whoever sees its end. Nothing is told that names a person.
 */
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Attributes,
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  type Span as OtelSpan,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";
import type { LogRow } from "./event.ts";

/** Of one trace, so many events of a pass are told: the end of a day says hundreds of thousands. */
const EACH = 32;
/** Spans that wait to be sent; what comes while so many wait is not told. */
const QUEUE = 8_192;
const SEND_EVERY_MS = 1_000;
/** A backend that does not answer does not hold up the end of the process for longer. */
const STOP_WITHIN_MS = 2_000;

/** A piece of work that is under way. Only what ends is told. */
export type Span = {
  /** For the events that the work says. */
  traceparent: string;
  /** `error`: it failed. */
  end: (error?: unknown, attributes?: Attributes) => void;
};

/** What a service tells. Everywhere: undefined for what belongs to no trace that somebody follows. */
export type Tracing = {
  /** A command: a part of the trace that its request names, or else the beginning of one. */
  command: (name: string, parent: string | null, attributes: Attributes) => Span | undefined;
  /** Something that is done because of an event, later. */
  follow: (name: string, parent: string | null, attributes: Attributes) => Span | undefined;
  /** Events were logged just now: they waited in the outbox since they were made. */
  logged: (events: readonly Pick<LogRow, "id" | "type" | "traceparent">[]) => void;
  /** Events have just become readable elsewhere: they waited for that since they were logged. */
  relayed: (rows: readonly LogRow[]) => void;
  /**
   * A consumer begins with these rows; those of its types waited for it since they were logged. Returns all, those that are
   * followed with the `traceparent` of their own span; `done` when the effects are there.
   */
  heard: (
    consumer: string,
    rows: readonly LogRow[],
    types: readonly string[],
  ) => { rows: readonly LogRow[]; done: (putAside?: string) => void };
};

export type Traces = {
  /** What one service tells; services of a process are told apart. */
  of: (service: string) => Tracing;
  /** Sends what is still here, for a while. */
  stop: () => Promise<void>;
};

/**
 * Begins to tell.
 * @param endpoint of an OTLP receiver over HTTP; spans go to `/v1/traces` below it
 * @param share of the traces that begin here, 0 to 1; those that a request brings along are followed if it says so
 */
export function openTraces(
  { endpoint, share }: { endpoint: string; share: number },
  version: string,
  log: Logger,
): Traces {
  const warn = (message: string) => log.warn({ part: "traces" }, message);
  const quiet = () => {};
  diag.setLogger(
    { error: warn, warn, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const processor = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }),
    maxQueueSize: QUEUE,
    scheduledDelayMillis: SEND_EVERY_MS,
  });
  const sampler = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) });
  const of = (service: string): Tracing => {
    const resource = resourceFromAttributes({
      "service.name": `popug-${service}`,
      "service.namespace": "popug",
      "service.version": version,
      "service.instance.id": `${hostname()}:${process.pid}`,
    });
    return tracingOf(new TracerProvider({ resource, sampler, spanProcessors: [processor] }), service);
  };
  const stop = async () => {
    const sent = processor.shutdown().catch((error: unknown) => warn(String(error)));
    await Promise.race([sent, delay(STOP_WITHIN_MS, undefined, { ref: false })]);
  };
  return { of, stop };
}

function tracingOf(provider: TracerProvider, service: string): Tracing {
  const tracer = provider.getTracer("popug");

  const begin = (name: string, kind: SpanKind, parent: string | null, attributes: Attributes, startTime?: Date) => {
    const context = contextOf(parent);
    const span = tracer.startSpan(name, { kind, attributes, ...(startTime && { startTime }) }, context);
    return span.isRecording() ? span : undefined;
  };
  const work = (name: string, kind: SpanKind, parent: string | null, attributes: Attributes): Span | undefined => {
    const span = begin(name, kind, parent, attributes);
    return span && { traceparent: traceparentOf(span), end: (error, more) => end(span, error, more) };
  };
  const waited = (name: string, kind: SpanKind, row: Followed, since: Date, until: Date) => {
    // Clocks of several machines differ a little; nobody waits less than not at all.
    const from = since > until ? until : since;
    begin(name, kind, row.traceparent, about(row), from)?.end(until);
  };

  return {
    command: (name, parent, attributes) => work(name, SpanKind.SERVER, parent, attributes),
    follow: (name, parent, attributes) =>
      isFollowed(parent) ? work(name, SpanKind.CLIENT, parent, attributes) : undefined,
    logged: (events) => {
      const now = new Date();
      for (const event of followed(events)) {
        waited("outbox", SpanKind.INTERNAL, { ...event, source: service }, madeAt(event.id), now);
      }
    },
    relayed: (rows) => {
      const now = new Date();
      for (const row of followed(rows)) waited("relay", SpanKind.PRODUCER, row, row.loggedAt ?? now, now);
    },
    heard: (consumer, rows, types) => {
      const now = new Date();
      const spans = new Map<LogRow, Span>();
      for (const row of followed(rows.filter(({ type }) => types.includes(type)))) {
        const span = work(consumer, SpanKind.CONSUMER, row.traceparent, { ...about(row), "popug.batch": rows.length });
        if (span !== undefined) spans.set(row, span);
      }
      return {
        rows: rows.map((row) => {
          const span = spans.get(row);
          return span === undefined ? row : { ...row, traceparent: span.traceparent };
        }),
        done: (putAside) => {
          // Not before: a batch that is tried again has waited for the try that went through.
          for (const [row, span] of spans) {
            waited(`queue ${consumer}`, SpanKind.INTERNAL, row as Followed, row.loggedAt ?? now, now);
            span.end(putAside);
          }
        },
      };
    },
  };
}

type Followed = Pick<LogRow, "id" | "type"> & Partial<LogRow> & { traceparent: string };

/** Those that belong to a trace which is followed, of each trace the first few. */
function followed<R extends Pick<LogRow, "traceparent">>(rows: readonly R[]): (R & { traceparent: string })[] {
  const counts = new Map<string, number>();
  return rows.filter((row): row is R & { traceparent: string } => {
    if (!isFollowed(row.traceparent)) return false;
    const count = (counts.get(traceId(row.traceparent)) ?? 0) + 1;
    counts.set(traceId(row.traceparent), count);
    return count <= EACH;
  });
}

function about({ id, type, source, partition, position, period, correlationId }: Followed): Attributes {
  return {
    "popug.event": type,
    "messaging.message.id": id,
    ...(source !== undefined && { "messaging.destination.name": source }),
    ...(partition !== undefined && { "messaging.destination.partition.id": String(partition) }),
    ...(position !== undefined && { "popug.position": position }),
    ...(typeof period === "number" && { "popug.period": period }),
    ...(correlationId !== undefined && { "popug.correlation_id": correlationId }),
  };
}

function end(span: OtelSpan, error: unknown, attributes: Attributes = {}): void {
  span.setAttributes(attributes);
  if (error !== undefined) {
    // What an error says may name somebody; its kind does not.
    const kind =
      error instanceof Error
        ? "code" in error
          ? String(error.code)
          : error.name
        : typeof error === "string"
          ? error
          : "unknown";
    span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute("error.type", kind);
  }
  span.end();
}

const SHAPE = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const traceId = (traceparent: string) => traceparent.slice(3, 35);

function isFollowed(traceparent: string | null): traceparent is string {
  return traceparent !== null && (Number.parseInt(traceparent.slice(-2), 16) & TraceFlags.SAMPLED) !== 0;
}

function contextOf(traceparent: string | null) {
  const [, traceId, spanId, flags] = SHAPE.exec(traceparent ?? "") ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return trace.setSpanContext(ROOT_CONTEXT, context);
}

function traceparentOf(span: OtelSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

/** A UUIDv7 begins with the ms of its making. */
const madeAt = (id: string) => new Date(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16));
