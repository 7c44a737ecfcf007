/** The outbox: events leave a transaction through it, or not at all. */
import { crc32 } from "node:zlib";
import { v7 as uuidv7 } from "uuid";
import type { EventContract } from "./contract.ts";
import { type ActorName, MAX_EVENT_BYTES, PARTITIONS, type Received } from "./event.ts";
import type { Emit, Sql } from "./service.ts";

/** The partition of a key: CRC-32 of its UTF-8 text, modulo the number of partitions. Never changes. */
export function partitionOf(key: string): number {
  return crc32(key) % PARTITIONS;
}

/** What all events of a transaction share when they do not follow from one event of a batch. */
export type Origin = {
  correlationId: string;
  actor: ActorName;
  command: string;
  traceparent: string | null;
  /** The event that the transaction reacts to, when it is exactly one. */
  causedBy?: Received;
};

type Pending = {
  partition: number;
  id: string;
  contract: EventContract;
  key: string;
  period: number | null;
  time: Date | undefined;
  cause: Received | undefined;
  data: string;
};

/** Collects the events of one transaction; `flush` writes them, in order, in one statement. */
export function createOutbox(service: string, publishes: ReadonlySet<EventContract>, origin: Origin) {
  const pending: Pending[] = [];
  let flushed = false;

  const emit: Emit = (contract, data, options = {}) => {
    if (flushed) throw new Error(`${contract.type} is emitted after the end of its transaction`);
    if (!publishes.has(contract)) {
      throw new Error(`${service} emits ${contract.type} v${contract.version} but does not declare to publish it`);
    }
    const problem = contract.writeProblem(data);
    if (problem !== null) throw new Error(`${contract.type} v${contract.version} is not valid: ${problem}`);
    const json = JSON.stringify(data);
    // A character takes at most three bytes of UTF-8 here, so most events need no exact count.
    if (json.length * 3 > MAX_EVENT_BYTES && Buffer.byteLength(json) > MAX_EVENT_BYTES) {
      throw new Error(`${contract.type} has ${Buffer.byteLength(json)} bytes, more than ${MAX_EVENT_BYTES}`);
    }
    const cause = options.cause ?? origin.causedBy;
    const common = {
      contract,
      period: options.period ?? null,
      time: options.time,
      // What was told as a part of a state has no place to point to.
      cause: cause?.position === 0 ? undefined : cause,
      data: json,
    };
    if (contract.kind === "barrier") {
      for (let partition = 0; partition < PARTITIONS; partition++) {
        pending.push({ ...common, partition, id: uuidv7(), key: `barrier:${partition}` });
      }
      return;
    }
    const key = contract.key === null ? undefined : String((data as Record<string, unknown>)[contract.key]);
    const partition = options.partition ?? (key === undefined ? undefined : partitionOf(key));
    if (partition === undefined) throw new Error(`${contract.type} has no key: the emitter has to name the partition`);
    pending.push({ ...common, partition, id: uuidv7(), key: key ?? `partition:${partition}` });
  };

  const flush = async (sql: Sql, time: Date): Promise<number> => {
    flushed = true;
    const events = pending;
    if (events.length === 0) return 0;
    await sql(
      `insert into outbox (partition, id, type, version, key, is_barrier, period, time, correlation_id, causation_id,
                           cause, actor, command, traceparent, data)
       select e.partition, e.id, e.type, e.version, e.key, e.is_barrier, e.period, e.time, e.correlation_id, e.causation_id,
              e.cause, e.actor, $15, e.traceparent, e.data
         from unnest($1::smallint[], $2::uuid[], $3::text[], $4::smallint[], $5::text[], $6::boolean[], $7::int[],
                     $8::uuid[], $9::uuid[], $10::text[], $11::text[], $12::jsonb[],
                     $13::timestamptz[], $14::text[]) with ordinality
           as e (partition, id, type, version, key, is_barrier, period, correlation_id, causation_id, cause, actor,
                 data, time, traceparent, ord)
        order by e.ord`,
      [
        events.map((e) => e.partition),
        events.map((e) => e.id),
        events.map((e) => e.contract.type),
        events.map((e) => e.contract.version),
        events.map((e) => e.key),
        events.map((e) => e.contract.kind === "barrier"),
        events.map((e) => e.period),
        events.map((e) => e.cause?.correlationId ?? origin.correlationId),
        events.map((e) => e.cause?.id ?? null),
        events.map((e) => (e.cause ? `${e.cause.source}/${e.cause.partition}/${e.cause.position}` : null)),
        events.map((e) => e.cause?.actor ?? origin.actor),
        events.map((e) => e.data),
        events.map((e) => e.time ?? time),
        events.map((e) => (e.cause ? e.cause.traceparent : origin.traceparent)),
        origin.command,
      ],
    );
    return events.length;
  };

  return { emit, flush };
}
