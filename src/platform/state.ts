/**
 * The present state of a source, for a consumer that begins when the log is kept no more from its first event on.
 *
 * A source that tells it has a view `state (type, id, version, key, data)` in its schema. Its rows are events as the source
 * would say them today, one for each thing that it has ever said and that counts still: whoever hears them, type by type in
 * the order in which the consumer names them, on top of whatever older state of theirs, knows what somebody knows who heard
 * all events. `id` is a uuid, unique within a type and indexed, so that the state is read in pages.
 */
import { v7 as uuidv7 } from "uuid";
import type { Received } from "./event.ts";
import type { LogReader, StateRow } from "./log.ts";
import { partitionOf } from "./outbox.ts";
import type { Reception } from "./reception.ts";
import type { Consumer, Ctx } from "./service.ts";

/** Rows in memory, and in one call of the consumer's `handle`. */
export const STATE_CHUNK = 1_000;

const FIRST = "00000000-0000-0000-0000-000000000000";

/**
 * Hands the present state of its source to the consumer, in chunks; the transaction's cursors have been set before, so that
 * no row is older than they are. Rows that change while it is read come once more behind the cursors. Returns how many were heard.
 * @throws Error when a row cannot be read: nothing of the state may be missing
 */
export async function hearState(
  ctx: Ctx,
  reader: LogReader,
  consumer: Consumer,
  reception: Reception,
): Promise<number> {
  const correlationId = uuidv7();
  const receive = (row: StateRow): Received => {
    const received = reception.receive({
      ...row,
      id: uuidv7(),
      source: consumer.source,
      partition: partitionOf(row.key),
      position: 0,
      epoch: 0,
      time: ctx.now,
      period: null,
      correlationId,
      causationId: null,
      cause: null,
      actor: `system:${consumer.name}`,
      command: consumer.command,
      traceparent: null,
      control: null,
    });
    if (typeof received !== "string") return received;
    throw new Error(`${consumer.name} cannot begin with the state of ${consumer.source}: ${received} (${row.key})`);
  };
  let heard = 0;
  for (const { type } of consumer.events) {
    for (let after: string | undefined = FIRST; after !== undefined; ) {
      const rows: StateRow[] = await reader.state(type, after, STATE_CHUNK);
      if (rows.length > 0) await consumer.handle(ctx, rows.map(receive));
      heard += rows.length;
      after = rows.length === STATE_CHUNK ? rows.at(-1)?.id : undefined;
    }
  }
  return heard;
}
