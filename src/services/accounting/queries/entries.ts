/** The audit log: every charge and payment, newest first. */
import { Type } from "typebox";
import { Entry, entryKinds } from "../../../contracts/accounting/entry.posted.v4.ts";
import { Currency, Day, Minor, OneOf, Uuid } from "../../../platform/contract.ts";
import { realDay } from "../../../platform/day.ts";
import { page, Page, pageParameters, readCursor } from "../../../platform/http/paging.ts";
import { query, type Route } from "../../../platform/http/route.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { Sql } from "../../../platform/service.ts";
import { assertMaySee, maySeeAllAccounts } from "../access.ts";
import { type ArchiveRow, findArchived, findArchivedOfDay } from "../archive-store.ts";
import { entryIdOf, parseEntryId } from "../entry.ts";
import { payoutEntryId } from "../payout.ts";
import { type EntryPlace, type EntryRow, findEntry, listEntryRows } from "../entry-store.ts";
import { popugSide, signedAmount } from "../ledger.ts";
import { balancesAfter } from "../running-balance-store.ts";

export const ShownEntry = Type.Object({
  ...Entry.properties,
  userName: Type.String(),
  period: Type.Integer(),
  /** `2026-11-22`, or `2026-11-22/2`. */
  label: Type.String(),
  currency: Currency,
  /** The popug's balance after this line; only where `balances=true` was asked for. */
  balanceMinor: Type.Optional(Minor),
});

/** A line of the books as the API shows it; the sign is the popug's view. */
export function showEntry(row: EntryRow) {
  return {
    entryId: entryIdOf(row),
    userId: row.userId,
    userName: row.userName,
    kind: row.kind,
    amountMinor: signedAmount(popugSide[row.kind], row.amountMinor),
    taskId: row.taskId,
    title: row.title,
    jiraId: row.jiraId,
    occurredAt: row.occurredAt.toISOString(),
    ...(row.reverses !== null && { reverses: row.reverses }),
    period: row.period,
    label: row.label,
    currency: row.currency,
    ...returnedBy(row),
  };
}

/** Which payout came back with a line, for those that say so. */
function returnedBy({ returned, partition }: EntryRow) {
  if (returned === null) return {};
  const { label, reason } = returned;
  return { returned: { entryId: payoutEntryId({ ...returned, partition }), label, reason } };
}

export const listEntries: Route = query({
  operationId: "listEntries",
  method: "GET",
  path: "/entries",
  policy: "account.own",
  summary: "The audit log, newest first: one's own lines, or everybody's for accountants and admins.",
  query: Type.Object({
    ...pageParameters,
    userId: Type.Optional(Uuid),
    day: Type.Optional(Day),
    period: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647 })),
    kind: Type.Optional(OneOf(entryKinds)),
    balances: Type.Optional(Type.Boolean({ description: "also the popug's balance after each line" })),
  }),
  response: Page(ShownEntry),
  handle: async ({ sql, actor }, { query: { limit = 50, cursor, userId, day, period, kind, balances } }) => {
    if (userId !== undefined) assertMaySee(actor, userId);
    if (period !== undefined) refuseArchived(await findArchived(sql, period));
    if (day !== undefined) refuseArchived(await findArchivedOfDay(sql, realDay(day)));
    const whose = userId ?? (maySeeAllAccounts(actor) ? undefined : actor.userId);
    const rows = await listEntryRows(
      sql,
      {
        ...(whose !== undefined && { userId: whose }),
        ...(day !== undefined && { day: realDay(day) }),
        ...(period !== undefined && { period }),
        ...(kind !== undefined && { kind }),
      },
      placeFrom(readCursor(cursor)),
      limit + 1,
    );
    const after = balances === true ? await balancesAfter(sql, rows.slice(0, limit)) : undefined;
    return page(rows, limit, placeOf, (row) => {
      const shown = showEntry(row);
      const balanceMinor = after?.get(shown.entryId);
      return balanceMinor === undefined ? shown : { ...shown, balanceMinor };
    });
  },
});

/** Entries that went into a file are not told as if there were none. */
export function refuseArchived(archive: ArchiveRow | undefined): void {
  if (archive === undefined) return;
  const { period, file, archivedAt } = archive;
  throw new Refusal(
    "conflict",
    "period-archived",
    `The entries of period ${period} were archived on ${archivedAt.toISOString().slice(0, 10)} (${file}); its statements and totals are here.`,
  );
}

/** The line of the books with this id; refused when there is none, or when it went into a file. */
export async function requireEntry(sql: Sql, entryId: string): Promise<EntryRow> {
  const key = parseEntryId(entryId);
  const row = await findEntry(sql, key);
  if (row !== undefined) return row;
  refuseArchived(await findArchived(sql, key.period));
  throw new Refusal("not-found", "entry-not-found", "There is no such entry.");
}

const placeOf = (row: EntryRow) => [
  ...[row.period, row.occurredAt.toISOString(), row.partition, row.position, row.leg, row.source, row.epoch],
];

function placeFrom(parts: (string | number | null)[] | undefined): EntryPlace | null {
  if (parts === undefined) return null;
  const [period, occurredAt, partition, position, leg, source, epoch] = parts;
  const numbers = [period, partition, position, leg, epoch].map(Number);
  if (numbers.some((n) => !Number.isSafeInteger(n)) || Number.isNaN(Date.parse(String(occurredAt)))) {
    throw new Refusal("invalid", "bad-cursor", "The cursor is not one that this list has given out.");
  }
  const [a, b, c, d, e] = numbers as [number, number, number, number, number];
  return {
    period: a,
    occurredAt: String(occurredAt),
    partition: b,
    position: c,
    leg: d,
    source: String(source),
    epoch: e,
  };
}
