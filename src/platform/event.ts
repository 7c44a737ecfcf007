/** An event as it stands in a log, and its public form: the CloudEvents 1.0 envelope. */
import type { EventContract } from "./contract.ts";

/** How many partitions every source has. Fixed: the order of a key rests on it. */
export const PARTITIONS = 16;

/** Their numbers. */
export const allPartitions: readonly number[] = Array.from({ length: PARTITIONS }, (_, partition) => partition);

/** The largest event, in bytes of its data as JSON. */
export const MAX_EVENT_BYTES = 64 * 1024;

/** Who made something happen: a person, or a part of the system on nobody's behalf (`system:schedule`). */
export type ActorName = `user:${string}` | `system:${string}`;

/** What is known of an event besides its data. */
export type EventMeta = {
  /** UUIDv7. */
  id: string;
  source: string;
  type: string;
  /** Version in which it was written. */
  version: number;
  key: string;
  partition: number;
  /** Contiguous within (source, partition), from 1; 0: told as a part of the present state, it stands in no log. */
  position: number;
  /** Raised when the source's database was restored or replaced; positions compare only within one epoch. */
  epoch: number;
  /** Business time. */
  time: Date;
  /** The period that the source stamped on it, in the transaction that produced it. */
  period: number | null;
  /** Shared by all that goes back to one command. */
  correlationId: string;
  /** The event that caused this one, null when a command did. */
  causationId: string | null;
  /** Where the causing event stands: `source/partition/position`. */
  cause: string | null;
  actor: ActorName;
  /** The command (operationId, or the note's name) in which it was emitted. */
  command: string;
  traceparent: string | null;
  /** On barriers: for each type, how many events of the period stand before it in its partition. */
  control: ControlTotals | null;
};

/** Per event type: how many, and the sum of the low 32 bits of their ids (order-free; decimal string). */
export type ControlTotals = Record<string, { count: number; checksum: string }>;

/**
 * An event in the hands of a consumer, its data validated and cast to the version it asked for. Of several contracts it is
 * a union: comparing `type` narrows `data`.
 */
export type Received<C extends EventContract = EventContract> =
  C extends EventContract<infer D, infer Name> ? Omit<EventMeta, "type"> & { type: Name; data: D } : never;

/** An event as a row of a log: data unvalidated, null when the reader did not ask for its type. */
export type LogRow = EventMeta & {
  data: unknown;
  /** Since when it can be read, in real time; known where traces are told. */
  loggedAt?: Date;
};

/** What an event id adds to a checksum of control totals. */
export function checksumOf(eventId: string): number {
  return Number.parseInt(eventId.slice(-8), 16);
}

/** The name of a version's schema, as a URI: where it is found differs between installations. */
export const schemaUri = (source: string, type: string, version: number) => `urn:popug:${source}:${type}:v${version}`;

/** The public form: CloudEvents 1.0, structured JSON. Extensions have simple names and simple values, so totals are JSON as text. */
export function toCloudEvent(event: LogRow): Record<string, unknown> {
  return {
    specversion: "1.0",
    id: event.id,
    source: `/popug/${event.source}`,
    type: event.type,
    subject: event.key,
    time: event.time.toISOString(),
    datacontenttype: "application/json",
    dataschema: schemaUri(event.source, event.type, event.version),
    partitionkey: event.key,
    partition: event.partition,
    sequence: String(event.position).padStart(19, "0"),
    epoch: event.epoch,
    ...(event.period !== null && { period: event.period }),
    correlationid: event.correlationId,
    ...(event.causationId !== null && { causationid: event.causationId, cause: event.cause }),
    ...(event.traceparent !== null && { traceparent: event.traceparent }),
    actor: event.actor,
    command: event.command,
    ...(event.control !== null && { control: JSON.stringify(event.control) }),
    data: event.data,
  };
}

/** The event that {@link toCloudEvent} has put into its public form. @throws when it is none */
export function fromCloudEvent(cloud: Record<string, unknown>): LogRow {
  const [, version] = /^urn:popug:.*:v(\d+)$/.exec(String(cloud["dataschema"])) ?? [];
  const [position, partition] = [Number(cloud["sequence"]), Number(cloud["partition"])];
  if (version === undefined || !(position >= 1) || !(partition >= 0)) throw new Error("not an event of a log");
  return {
    id: String(cloud["id"]),
    source: String(cloud["source"]).replace(/^\/popug\//, ""),
    type: String(cloud["type"]),
    version: Number(version),
    key: String(cloud["subject"]),
    partition,
    position,
    epoch: Number(cloud["epoch"]),
    time: new Date(String(cloud["time"])),
    period: (cloud["period"] as number | undefined) ?? null,
    correlationId: String(cloud["correlationid"]),
    causationId: (cloud["causationid"] as string | undefined) ?? null,
    cause: (cloud["cause"] as string | undefined) ?? null,
    actor: cloud["actor"] as ActorName,
    command: String(cloud["command"]),
    traceparent: (cloud["traceparent"] as string | undefined) ?? null,
    control: typeof cloud["control"] === "string" ? (JSON.parse(cloud["control"]) as ControlTotals) : null,
    data: cloud["data"],
  };
}
