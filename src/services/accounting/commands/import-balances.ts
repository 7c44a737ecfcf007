/** Balances from other books become the first lines of popugs' accounts, in the open period. */
import { Type } from "typebox";
import { v7 as uuidv7 } from "uuid";
import { MAX_ENTRIES } from "../../../contracts/accounting/entry.posted.v1.ts";
import { entryPostedV4 } from "../../../contracts/accounting/entry.posted.v4.ts";
import { OneOf } from "../../../platform/contract.ts";
import { command, type Route } from "../../../platform/http/route.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx } from "../../../platform/service.ts";
import { openAccounts } from "../booking-store.ts";
import { entryIdOf } from "../entry.ts";
import { type BalanceLine, OPENING_SOURCE, readBalances, type Rejected } from "../opening.ts";
import { type BroughtIn, findOwners, holdOpeningOfPeriods, type Posted, postOpenings } from "../opening-store.ts";
import { holdOpenPeriod, type OpenPeriod } from "../own-posting-store.ts";

/** How many bad lines a refusal names. */
const MAX_NAMED = 100;
const FILE_BYTES = 2 * 1024 * 1024;

export const importBalances: Route = command({
  operationId: "importBalances",
  command: "billing.import",
  method: "POST",
  path: "/opening-balances/import",
  policy: "accounts.all",
  summary:
    "Bring balances in from other books: CSV with login or userId, and amount. Each popug's once; never one's own.",
  bodyLimit: FILE_BYTES,
  body: Type.Object({
    csv: Type.String(),
    currency: Type.String({ description: "what the amounts are in; it has to be the currency of the open period" }),
    /** `all` unless said otherwise: one bad line, and nothing is imported. */
    mode: Type.Optional(OneOf(["all", "good"])),
    dryRun: Type.Optional(Type.Boolean({ description: "say what would be done, and do nothing" })),
  }),
  response: Type.Object({
    imported: Type.Integer(),
    /** Were there already, with the same amount. */
    known: Type.Integer(),
    rejected: Type.Array(Type.Object({ line: Type.Integer(), reason: Type.String() })),
  }),
  handle: async (ctx, { body: { csv, currency, mode = "all", dryRun = false } }) => {
    await holdOpeningOfPeriods(ctx.sql);
    const open = await holdOpenPeriod(ctx.sql);
    if (currency !== open.currency) {
      const text = `The open period is in ${open.currency}, so no balances in ${currency} can be brought into it.`;
      throw new Refusal("conflict", "other-currency", text);
    }
    const { lines, rejected } = readBalances(csv, open.currency);
    const { good, known, bad } = await tell(ctx, lines);
    const all = [...rejected, ...bad].toSorted((a, b) => a.line - b.line);
    if (all.length > 0 && mode === "all" && !dryRun) {
      const text = all.length === 1 ? "1 line" : `${all.length} lines`;
      throw new Refusal("invalid", "bad-lines", `${text} cannot be imported, so nothing was.`, {
        fields: all.slice(0, MAX_NAMED).map(({ line, reason }) => ({ path: `/line/${line}`, message: reason })),
      });
    }
    if (!dryRun && good.length > 0) {
      await openAccounts(
        ctx.sql,
        good.map(({ userId }) => userId),
      );
      const at = { period: open.number, by: ctx.actor.userId, now: ctx.now };
      emitEntries(ctx, open, await postOpenings(ctx.sql, good, at));
    }
    return { imported: good.length, known, rejected: all };
  },
});

/** Whose balance each line is, and which cannot be brought in. */
async function tell(ctx: CommandCtx, lines: readonly BalanceLine[]) {
  const who = lines.map((line) => line.who);
  const found = await findOwners(ctx.sql, who);
  const owners = new Map(
    found.flatMap((owner) => [
      [owner.login.toLowerCase(), owner],
      [owner.userId, owner],
    ]),
  );
  const taken = new Set<string>();
  const told = { good: [] as BroughtIn[], known: 0, bad: [] as Rejected[] };
  for (const { line, who: name, amountMinor } of lines) {
    const owner = owners.get(name.toLowerCase());
    const refuse = (reason: string) => told.bad.push({ line, reason });
    if (owner === undefined) refuse(`nobody is called ${name}`);
    else if (owner.userId === ctx.actor.userId) refuse("nobody brings in their own balance");
    else if (taken.has(owner.userId)) refuse(`${name} is named twice`);
    else if (owner.broughtIn === amountMinor) told.known += 1;
    else if (owner.broughtIn !== null) refuse(`another balance of ${name} was brought in already`);
    else told.good.push({ userId: owner.userId, amountMinor, id: uuidv7() });
    if (owner !== undefined) taken.add(owner.userId);
  }
  return told;
}

function emitEntries(ctx: CommandCtx, open: OpenPeriod, posted: readonly Posted[]): void {
  const { number: period, businessDate, currency } = open;
  for (const [partition, ofPartition] of Map.groupBy(posted, (line) => line.partition)) {
    for (let from = 0; from < ofPartition.length; from += MAX_ENTRIES) {
      const entries = ofPartition.slice(from, from + MAX_ENTRIES).map(({ userId, amountMinor, position, id }) => ({
        entryId: entryIdOf({ period, source: OPENING_SOURCE, epoch: 0, partition, position, leg: 0 }),
        ...{ userId, kind: amountMinor > 0 ? ("opening" as const) : ("opening-debt" as const), amountMinor },
        ...{ taskId: null, title: null, jiraId: null, occurredAt: ctx.now.toISOString() },
        balanceId: id,
      }));
      ctx.emit(entryPostedV4, { period, businessDate, currency, entries }, { period, partition });
    }
  }
}
