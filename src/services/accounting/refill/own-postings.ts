/**
 * Before books are computed anew from the log of tasks: what accounting posted because people decided so is no event of tasks, so
 * it comes back from accounting's own log. With it (and the prices, `prices.ts`) a replay ends in the same seals.
 */
import type { entryCorrectedV1 } from "../../../contracts/accounting/entry.corrected.v1.ts";
import type { Entry } from "../../../contracts/accounting/entry.posted.v4.ts";
import type { Static } from "typebox";
import type { DataOf } from "../../../platform/contract.ts";
import type { Sql } from "../../../platform/service.ts";
import { openAccounts } from "../booking-store.ts";
import { type CorrectionRequest, correctionLegs } from "../correction.ts";
import { postCorrection, saveRequest } from "../correction-store.ts";
import { parseEntryId } from "../entry.ts";
import { OPENING_SOURCE } from "../opening.ts";
import { postOpenings } from "../opening-store.ts";
import { RETURN_SOURCE } from "../payout.ts";
import { DEBT_SOURCE } from "../write-off.ts";
import { findWriteOff, postWriteOff, saveWriteOffRequest } from "../write-off-store.ts";
import { personOf } from "./own-log.ts";
import { refillPayouts } from "./payouts.ts";
import { openPeriodsAgain } from "./periods.ts";

/** A line that accounting posted by itself, as it was told. */
type OwnEntry = { source: string; period: number; position: number; actor: string; entry: Static<typeof Entry> };

/**
 * Posts balances from other books, corrections and write-offs again, each in its period and place, and makes payouts take the
 * steps again that they took, each as soon as its period is closed. The periods are opened as their barriers will open them. Run
 * it on empty books, before the first event of tasks is consumed.
 * @param log reads the logs of tasks and accounting, in this database or in the one they were saved from
 * @param books writes into accounting's schema, in a transaction
 * @returns how many postings came back, or will
 */
export async function refillOwnPostings(log: Sql, books: Sql): Promise<number> {
  const entries = await ownEntries(log);
  const corrections = await publishedCorrections(log);
  const last = Math.max(0, ...entries.map(({ period }) => period), ...corrections.map(({ period }) => period));
  await openPeriodsAgain(log, books, last);
  const of = (source: string) => entries.filter((it) => it.source === source);
  await bringInAgain(books, of(OPENING_SOURCE));
  for (const debt of of(DEBT_SOURCE)) await giveUpAgain(books, debt);
  for (const correction of corrections) await correctAgain(books, correction);
  await refillPayouts(log, books);
  return of(OPENING_SOURCE).length + of(DEBT_SOURCE).length + corrections.length + of(RETURN_SOURCE).length;
}

/** In the order of their places. */
async function ownEntries(log: Sql): Promise<OwnEntry[]> {
  const rows = await log<{ actor: string; entry: Static<typeof Entry> }>(
    `select actor, entry from accounting.published cross join jsonb_array_elements(data->'entries') entry
      where type = 'entry.posted' and entry->>'kind' in ('opening', 'opening-debt', 'write-off', 'payout-return')`,
  );
  return rows
    .map(({ actor, entry }) => ({ ...parseEntryId(entry.entryId), actor, entry }))
    .toSorted((a, b) => a.period - b.period || a.position - b.position);
}

/** One import after the other, as they were: what an import brings in is numbered by itself. */
async function bringInAgain(books: Sql, lines: readonly OwnEntry[]): Promise<void> {
  await openAccounts(
    books,
    lines.map(({ entry }) => entry.userId),
  );
  const imports = Map.groupBy(lines, ({ period, actor, entry }) => `${period} ${entry.occurredAt} ${actor}`);
  for (const imported of imports.values()) {
    const [{ period, actor, entry }] = imported as [OwnEntry];
    const brought = imported.map((line) => {
      if (line.entry.balanceId === undefined) throw new Error(`${line.entry.entryId} does not say which balance it is`);
      return { userId: line.entry.userId, amountMinor: line.entry.amountMinor, id: line.entry.balanceId };
    });
    const at = { period, by: personOf(actor), now: new Date(entry.occurredAt) };
    const given = new Map((await postOpenings(books, brought, at)).map((line) => [line.userId, line.position]));
    for (const { position, entry: line } of imported) assertPlace(line.entryId, position, given.get(line.userId));
  }
}

async function giveUpAgain(books: Sql, { period, position, actor, entry }: OwnEntry): Promise<void> {
  const { entryId, userId, amountMinor, writtenOff } = entry;
  if (writtenOff === undefined) throw new Error(`${entryId} does not say who asked for it`);
  const { requestId: id, reason, requestedBy, requestedAt } = writtenOff;
  await openAccounts(books, [userId]);
  const asked = { id, userId, amountMinor, reason, requestedBy, requestedAt: new Date(requestedAt) };
  await saveWriteOffRequest(books, asked);
  const row = await findWriteOff(books, id);
  if (row === undefined) throw new Error(`the write-off ${id} went away`);
  const posted = { period, by: personOf(actor), at: new Date(entry.occurredAt) };
  assertPlace(entryId, position, await postWriteOff(books, row, posted));
}

type Corrected = DataOf<typeof entryCorrectedV1> & { partition: number };

async function publishedCorrections(log: Sql): Promise<Corrected[]> {
  const events = await log<{ partition: number; data: Omit<Corrected, "partition"> }>(
    `select partition, data from accounting.published where type = 'entry.corrected'
      order by (data->>'period')::int, (data->>'position')::int`,
  );
  return events.map(({ partition, data }) => ({ ...data, partition }));
}

async function correctAgain(books: Sql, correction: Corrected): Promise<void> {
  const { correctionId, currency: _, requestedAt, postedAt, approvedBy, period, position, ...rest } = correction;
  const request: CorrectionRequest = { id: correctionId, ...rest, requestedAt: new Date(requestedAt) };
  await openAccounts(books, [request.userId]);
  await saveRequest(books, request);
  const posted = { request, legs: correctionLegs(request), period, by: approvedBy, at: new Date(postedAt) };
  assertPlace(`the correction ${correctionId}`, position, await postCorrection(books, posted));
}

function assertPlace(what: string, told: number, given: number | undefined): void {
  if (given !== told) throw new Error(`${what} was number ${told} of its period and became ${given}`);
}
