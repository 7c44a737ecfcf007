/** What has to follow from the movements of a closed period: statements, payouts, totals, seal. */
import { createHash } from "node:crypto";
import type { Sql } from "../../../platform/service.ts";
import { comparePostings, type Movements } from "./fold.ts";
import { type Accounts, byAccount, type Shelf } from "./read.ts";

type Statement = {
  account_id: number;
  user_id: string;
  opening_minor: number;
  credits_minor: number;
  debits_minor: number;
  payout_minor: number;
  closing_minor: number;
  payout_position: number | null;
};
type Told = Omit<Statement, "account_id">;

export type ClosedPeriod = Shelf & {
  label: string;
  /** The barrier of each partition: what payouts go back to. */
  ends: ReadonlyMap<number, { eventId: string; endedAt: number }>;
  heads: readonly { source: string; partition: number; head: string; lines: number }[];
  movements: Movements;
  discarded: number;
};

/**
 * Verifies the close of one period.
 * @param before closings of the period before, by popug; @returns this period's, and its seal
 */
export async function verifyClose(
  sql: Sql,
  period: ClosedPeriod,
  before: ReadonlyMap<string, number>,
  previousSeal: string,
  accounts: Accounts,
  find: (text: string) => void,
): Promise<{ closings: Map<string, number>; seal: string }> {
  const expected = expectedStatements(period.movements, before, accounts);
  await compareStatements(sql, period.number, new Map(expected.map((s) => [s.user_id, s])), accounts, find);
  await comparePayouts(sql, period, expected, accounts, find);

  const sum = (pick: (s: Told) => number) => expected.reduce((total, s) => total + pick(s), 0);
  const house = (kind: string) =>
    [...period.movements]
      .filter(([owner]) => owner.startsWith(`${kind}/`))
      .reduce((n, [, m]) => n + m.credits - m.debits, 0);
  const lines = expected.map((s) =>
    [s.user_id, s.opening_minor, s.credits_minor, s.debits_minor, s.payout_minor, s.closing_minor].join("|"),
  );
  const statementsHash = sha256(lines.join("\n"));
  const nameOf = (b: { source: string; partition: number }) =>
    b.source === "tasks" ? b.partition : `${b.source}/${b.partition}`;
  const blocks = period.heads.filter((b) => b.lines > 0).map((b) => `${nameOf(b)}|${b.lines}|${b.head}`);
  const seal = sha256([previousSeal, period.label, ...blocks, statementsHash].join("\n"));
  const payoutCount = expected.filter((s) => s.payout_minor > 0).length;
  const wanted: Record<string, number | string> = {
    fees_minor: house("fee-income"),
    rewards_minor: -house("reward-expense"),
    earned_minor: house("fee-income") + house("reward-expense"),
    returned_minor: -house("payout-clearing"),
    written_off_minor: -house("write-off"),
    opened_minor: -house("opening-balance"),
    paid_out_minor: sum((s) => s.payout_minor),
    payout_count: payoutCount,
    carried_minor: sum((s) => s.closing_minor),
    negative_count: expected.filter((s) => s.closing_minor < 0).length,
    account_count: expected.length,
    entry_count: period.heads.reduce((n, b) => n + b.lines, 0) + payoutCount,
    discarded_count: period.discarded,
    statements_hash: statementsHash,
    seal,
  };
  const [stored] = await sql<Record<string, unknown>>("select * from closing where period = $1", [period.number]);
  for (const [name, value] of Object.entries(wanted)) {
    // −0 is 0 here, and both are the same sum.
    if (stored?.[name] !== (value === 0 ? 0 : value)) {
      find(`period ${period.number}: ${name} is ${String(stored?.[name])}, it should be ${value}`);
    }
  }
  return { closings: new Map(expected.map((s) => [s.user_id, s.closing_minor])), seal };
}

function expectedStatements(movements: Movements, before: ReadonlyMap<string, number>, accounts: Accounts): Told[] {
  const users = new Set([...before.keys(), ...[...movements.keys()].filter((owner) => accounts.popugs.has(owner))]);
  /** How many were paid so far in each partition. */
  const paid = new Map<number, number>();
  return [...users].sort().map((user_id) => {
    const opening_minor = before.get(user_id) ?? 0;
    const { credits, debits } = movements.get(user_id) ?? { credits: 0, debits: 0 };
    const net = opening_minor + credits - debits;
    const split = { payout_minor: Math.max(net, 0), closing_minor: Math.min(net, 0) };
    const partition = accounts.popugs.get(user_id)?.partition ?? -1;
    const payout_position = split.payout_minor > 0 ? (paid.get(partition) ?? 0) + 1 : null;
    if (payout_position !== null) paid.set(partition, payout_position);
    return { user_id, opening_minor, credits_minor: credits, debits_minor: debits, ...split, payout_position };
  });
}

async function compareStatements(
  sql: Sql,
  period: number,
  expected: Map<string, Told>,
  accounts: Accounts,
  find: (text: string) => void,
) {
  for await (const row of byAccount<Statement>(sql, "statement", period)) {
    const wanted = expected.get(row.user_id);
    if (wanted === undefined) find(`period ${period}: the statement of ${row.user_id} is additional`);
    if (accounts.popugs.get(row.user_id)?.id !== row.account_id)
      find(`period ${period}, statement of ${row.user_id}: account_id is that of another account`);
    for (const name of [
      "opening_minor",
      "credits_minor",
      "debits_minor",
      "payout_minor",
      "closing_minor",
      "payout_position",
    ] as const) {
      if (wanted !== undefined && row[name] !== wanted[name]) {
        find(`period ${period}, statement of ${row.user_id}: ${name} is ${row[name]}, it should be ${wanted[name]}`);
      }
    }
    expected.delete(row.user_id);
  }
  for (const userId of expected.keys()) find(`period ${period}: the statement of ${userId} is missing`);
}

async function comparePayouts(
  sql: Sql,
  period: ClosedPeriod,
  told: Told[],
  accounts: Accounts,
  find: (text: string) => void,
) {
  for (const [partition, end] of period.ends) {
    const compare = comparePostings(sql, period, "accounting", partition, find);
    let position = 0;
    for (const { user_id: userId, payout_minor: amount } of told) {
      const account = accounts.popugs.get(userId);
      if (amount === 0 || account?.partition !== partition) continue;
      position += 1;
      await compare.expect({
        ...{ epoch: 0, partition, position, leg: 0, kind: "payout", amount, debit: account.id, userId, taskId: null },
        credit: accounts.houses.get(`payout-clearing/${partition}`) ?? Number.NaN,
        occurredAt: end.endedAt,
        eventId: end.eventId,
      });
    }
    await compare.finish();
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
