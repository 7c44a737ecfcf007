/** "Why is my balance what it is?": from a line of the books back to the event, the command and the person. */
import { Type } from "typebox";
import { findPerson } from "../../../people/replica.ts";
import { Minor, Nullable, Uuid } from "../../../platform/contract.ts";
import { type LogRow, toCloudEvent } from "../../../platform/event.ts";
import { query, type Route } from "../../../platform/http/route.ts";
import { type LogReader, readEvent } from "../../../platform/log.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { QueryCtx, Sql } from "../../../platform/service.ts";
import { maySee } from "../access.ts";
import { type EntryRow, findBarrierPosition, findEdit } from "../entry-store.ts";
import { ownSources } from "../own-posting.ts";
import { findPoster } from "../own-posting-store.ts";
import { requireEntry, showEntry, ShownEntry } from "./entries.ts";

/** How far causes are followed; what people do is a few steps away. */
const MAX_STEPS = 10;
/** Logs that this service may read. */
const READABLE = new Set(["tasks", "auth", "accounting"]);

const CloudEvent = Type.Record(Type.String(), Type.Unknown());
const Side = Type.Object({ accountId: Type.Integer(), account: Type.String() });

export const explainEntry: Route = query({
  operationId: "explainEntry",
  method: "GET",
  path: "/entries/:entryId/explain",
  policy: "account.own",
  summary: "Where a line of the books comes from: posting, event, its causes, the command, the person.",
  params: Type.Object({ entryId: Type.String({ maxLength: 120 }) }),
  response: Type.Object({
    entry: ShownEntry,
    posting: Type.Object({ debit: Side, credit: Side, amountMinor: Minor, eventId: Uuid }),
    /** The event that was booked (of a payout: the end of the registration that it was closed upon); null: a person did it here. */
    event: Nullable(CloudEvent),
    /** The event was a dead letter and its data was mended by hand before it was booked; `event` shows the mended data. */
    edited: Nullable(Type.Object({ by: Nullable(Type.String()), original: Type.Unknown() })),
    /** What caused it, the nearest first. */
    causes: Type.Array(CloudEvent),
    /** The command at the beginning of the chain. */
    command: Nullable(Type.String()),
    actor: Nullable(Type.String()),
    /** Null when no person did it (`system:…`). */
    person: Nullable(Type.Object({ userId: Uuid, name: Type.String(), login: Type.String() })),
  }),
  handle: async ({ sql, actor, logOf }, { params: { entryId } }) => {
    const row = await requireEntry(sql, entryId);
    // Ids of entries can be guessed: one that is somebody else's is refused like one that does not exist.
    if (!maySee(actor, row.userId)) {
      throw new Refusal("not-found", "entry-not-found", "There is no such entry.");
    }
    const { event, edited } = await bookedEvent(sql, logOf("tasks"), row);
    const causes = event === undefined ? [] : await causesOf(logOf, event);
    const root = causes.at(-1) ?? event ?? (await postedHere(sql, row));
    return {
      entry: showEntry(row),
      posting: {
        debit: { accountId: row.debitAccount, account: row.debitKind },
        credit: { accountId: row.creditAccount, account: row.creditKind },
        amountMinor: row.amountMinor,
        eventId: row.eventId,
      },
      event: event === undefined ? null : toCloudEvent(event),
      edited,
      causes: causes.map(toCloudEvent),
      command: root?.command ?? null,
      actor: root?.actor ?? null,
      person: root === undefined ? null : await personOf(sql, root.actor),
    };
  },
});

type Booked = { event?: LogRow; edited: { by: string | null; original: unknown } | null };

/** What accounting posts by itself goes back to a command of its own and a person, not to an event of tasks. */
async function postedHere(sql: Sql, { source, period, position }: EntryRow) {
  const own = ownSources.find((one) => one === source);
  const poster = own === undefined ? undefined : await findPoster(sql, { source: own, period, position });
  return poster === undefined ? undefined : { command: poster.command, actor: `user:${poster.userId}` };
}

async function bookedEvent(sql: Sql, tasks: LogReader, row: EntryRow): Promise<Booked> {
  const fromTasks = row.source === "tasks";
  if (ownSources.some((source) => source === row.source)) return { edited: null };
  const position = fromTasks ? row.position : await findBarrierPosition(sql, row.period, row.partition);
  const event = position === undefined ? undefined : await readEvent(tasks, row.partition, position);
  if (event === undefined) return { edited: null };
  const edit = fromTasks ? await findEdit(sql, row) : undefined;
  if (edit === undefined) return { event, edited: null };
  return { event: { ...event, data: edit.data }, edited: { by: edit.by, original: event.data } };
}

async function causesOf(logOf: QueryCtx["logOf"], event: LogRow): Promise<LogRow[]> {
  const causes: LogRow[] = [];
  for (let place = event.cause; place !== null && causes.length < MAX_STEPS; place = causes.at(-1)?.cause ?? null) {
    const [source = "", partition, position] = place.split("/");
    if (!READABLE.has(source)) break;
    const cause = await readEvent(logOf(source), Number(partition), Number(position));
    if (cause === undefined) break;
    causes.push(cause);
  }
  return causes;
}

async function personOf(sql: Sql, actor: string) {
  if (!actor.startsWith("user:")) return null;
  const userId = actor.slice("user:".length);
  const person = await findPerson(sql, userId);
  return { userId, name: person?.name ?? "", login: person?.login ?? "" };
}
