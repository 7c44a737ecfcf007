/** SQL of what came out of a close: totals, seal, the verdict of the check, the opening of what follows. */
import type { Sql } from "../../platform/service.ts";

export type Outcome = {
  totals: {
    feesMinor: number;
    rewardsMinor: number;
    earnedMinor: number;
    paidOutMinor: number;
    returnedMinor: number;
    writtenOffMinor: number;
    payoutCount: number;
    carriedMinor: number;
    negativeCount: number;
    accountCount: number;
    entryCount: number;
    discardedCount: number;
  } | null;
  seal: string | null;
  check: { ok: boolean; checkedAt: string; findings: string[] } | null;
  opening: { openedAt: string; accountCount: number; openingsMinor: number } | null;
};

type Row = {
  number: number;
  seal: string | null;
  feesMinor: number;
  rewardsMinor: number;
  earnedMinor: number;
  paidOutMinor: number;
  returnedMinor: number;
  writtenOffMinor: number;
  payoutCount: number;
  carriedMinor: number;
  negativeCount: number;
  accountCount: number;
  entryCount: number;
  discardedCount: number;
  ok: boolean | null;
  checkedAt: Date;
  findings: string[];
  openedAt: Date | null;
  openedCount: number;
  openingsMinor: number;
};

/** The outcomes of the given periods, as far as there are any. */
export async function loadOutcomes(sql: Sql, periods: readonly number[]): Promise<Map<number, Outcome>> {
  const rows = await sql<Row>(
    `select p.number, c.seal, c.fees_minor as "feesMinor", c.rewards_minor as "rewardsMinor", c.earned_minor as "earnedMinor",
            c.paid_out_minor as "paidOutMinor", c.returned_minor as "returnedMinor", c.written_off_minor as "writtenOffMinor", c.payout_count as "payoutCount", c.carried_minor as "carriedMinor",
            c.negative_count as "negativeCount", c.account_count as "accountCount", c.entry_count as "entryCount",
            c.discarded_count as "discardedCount", k.ok, k.checked_at as "checkedAt", k.findings, o.opened_at as "openedAt",
            o.account_count as "openedCount", o.openings_minor as "openingsMinor"
       from period p
       left join closing c on c.period = p.number
       left join close_check k on k.period = p.number
       left join period_opening o on o.period = p.number
      where p.number = any($1)`,
    [periods],
  );
  return new Map(rows.map((row) => [row.number, outcomeOf(row)]));
}

function outcomeOf(row: Row): Outcome {
  const { number: _, seal, ok, checkedAt, findings, openedAt, openedCount, openingsMinor, ...totals } = row;
  return {
    totals: seal === null ? null : totals,
    seal,
    check: ok === null ? null : { ok, checkedAt: checkedAt.toISOString(), findings },
    opening: openedAt === null ? null : { openedAt: openedAt.toISOString(), accountCount: openedCount, openingsMinor },
  };
}
