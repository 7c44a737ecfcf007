/**
 * The check that follows a close. It starts from the postings and comes to the statements, the totals, the block heads and
 * the seal by another way than the close did (which starts from balances). `verify.ts` goes further, to the events.
 */
import type { Sql } from "../../platform/service.ts";
import { type Fold, foldPostings } from "./posting-store.ts";
import { EMPTY_HEAD, sealOf } from "./seal.ts";

const MAX_FINDINGS = 20;

/** The lowest closed period without a verdict. */
export async function uncheckedPeriod(sql: Sql): Promise<number | undefined> {
  const rows = await sql<{ period: number }>(
    `select c.period from closing c where not exists (select from close_check k where k.period = c.period)
      order by c.period limit 1`,
  );
  return rows[0]?.period;
}

/** What does not fit in the books of a closed period, as sentences; none when all is well. */
export async function checkBooks(sql: Sql, period: number): Promise<string[]> {
  return [
    ...(await checkStatements(sql, period)),
    ...(await checkAccounts(sql, period)),
    ...(await checkTotals(sql, period)),
    ...(await checkSeal(sql, period)),
  ].slice(0, MAX_FINDINGS);
}

async function checkStatements(sql: Sql, period: number): Promise<string[]> {
  const rows = await sql<{ userId: string }>(
    `with posted as (
       select user_id, coalesce(sum(amount_minor) filter (where kind in ('reward', 'fee-reversal', 'payout-return', 'write-off', 'opening')), 0) as credits,
              coalesce(sum(amount_minor) filter (where kind in ('fee', 'reward-reversal', 'opening-debt')), 0) as debits,
              coalesce(sum(amount_minor) filter (where kind = 'payout'), 0) as payout
         from posting where period = $1 group by user_id
     ), told as (select * from statement where period = $1), before as (select * from statement where period = $1 - 1)
     select coalesce(told.user_id, posted.user_id, before.user_id) as "userId"
       from told full join posted on posted.user_id = told.user_id full join before on before.user_id = coalesce(told.user_id, posted.user_id)
      where (told.opening_minor, told.credits_minor, told.debits_minor, told.payout_minor, told.closing_minor)
            is distinct from
            (coalesce(before.closing_minor, 0), coalesce(posted.credits, 0), coalesce(posted.debits, 0), coalesce(posted.payout, 0),
             coalesce(before.closing_minor, 0) + coalesce(posted.credits, 0) - coalesce(posted.debits, 0) - coalesce(posted.payout, 0))
      limit ${MAX_FINDINGS}`,
    [period],
  );
  return rows.map(({ userId }) => `the statement of ${userId} does not follow from the postings`);
}

async function checkAccounts(sql: Sql, period: number): Promise<string[]> {
  const rows = await sql<{ count: number }>(
    `select count(*) as count from posting p
       left join account d on d.id = p.debit_account left join account c on c.id = p.credit_account
      where p.period = $1
        and case p.kind
              when 'reward' then (d.kind, d.partition, c.user_id) is distinct from ('reward-expense', p.partition, p.user_id)
              when 'fee-reversal' then (d.kind, d.partition, c.user_id) is distinct from ('fee-income', p.partition, p.user_id)
              when 'write-off' then (d.kind, d.partition, c.user_id) is distinct from ('write-off', p.partition, p.user_id)
              when 'opening' then (d.kind, d.partition, c.user_id) is distinct from ('opening-balance', p.partition, p.user_id)
              when 'opening-debt' then (c.kind, c.partition, d.user_id) is distinct from ('opening-balance', p.partition, p.user_id)
              when 'payout-return' then (d.kind, d.partition, c.user_id) is distinct from ('payout-clearing', p.partition, p.user_id)
              when 'fee' then (c.kind, c.partition, d.user_id) is distinct from ('fee-income', p.partition, p.user_id)
              when 'reward-reversal' then (c.kind, c.partition, d.user_id) is distinct from ('reward-expense', p.partition, p.user_id)
              else (c.kind, c.partition, d.user_id) is distinct from ('payout-clearing', p.partition, p.user_id) end`,
    [period],
  );
  const count = rows[0]?.count ?? 0;
  return count === 0 ? [] : [`${count} postings stand in accounts that do not belong to them`];
}

async function checkTotals(sql: Sql, period: number): Promise<string[]> {
  const rows = await sql<{ what: string }>(
    `with posted as (
       select coalesce(sum(case kind when 'fee' then amount_minor when 'fee-reversal' then -amount_minor end), 0) as fees,
              coalesce(sum(case kind when 'reward' then amount_minor when 'reward-reversal' then -amount_minor end), 0) as rewards,
              coalesce(sum(amount_minor) filter (where kind = 'payout-return'), 0) as returned,
              coalesce(sum(amount_minor) filter (where kind = 'write-off'), 0) as written_off,
              coalesce(sum(case kind when 'opening' then amount_minor when 'opening-debt' then -amount_minor end), 0) as opened,
              coalesce(sum(amount_minor) filter (where kind = 'payout'), 0) as paid, count(*) as entries
         from posting where period = $1
     )
     select t.what from closing c cross join posted p
      cross join lateral (values ('fees', c.fees_minor = p.fees), ('rewards', c.rewards_minor = p.rewards),
                                 ('payouts', c.paid_out_minor = p.paid), ('returns', c.returned_minor = p.returned),
                                 ('write-offs', c.written_off_minor = p.written_off), ('opening balances', c.opened_minor = p.opened), ('entries', c.entry_count = p.entries)) as t (what, fits)
      where c.period = $1 and not t.fits`,
    [period],
  );
  return rows.map(({ what }) => `the total of ${what} does not follow from the postings`);
}

async function checkSeal(sql: Sql, period: number): Promise<string[]> {
  const rows = await sql<{ seal: string; hash: string; previous: string | null; label: string }>(
    `select c.seal, c.statements_hash as hash, p.label, (select seal from closing where period = $1 - 1) as previous
       from closing c join period p on p.number = c.period where c.period = $1`,
    [period],
  );
  const stored = rows[0];
  if (stored === undefined) return ["the period is not closed"];
  const findings: string[] = [];
  const heads = await sql<{ source: string; partition: number; head: string; lines: number }>(
    "select source, partition, head, lines from block_head where period = $1 order by partition",
    [period],
  );
  const folds = new Map<string, Map<number, Fold>>();
  for (const { source } of heads) {
    if (!folds.has(source)) folds.set(source, await foldPostings(sql, period, source));
  }
  for (const { source, partition, head, lines } of heads) {
    const folded = folds.get(source)?.get(partition);
    if (folded?.head !== head || folded.lines !== lines) {
      findings.push(`the block head of partition ${partition} does not follow from the postings`);
    }
  }
  if (sealOf(stored.previous ?? EMPTY_HEAD, stored.label, heads, stored.hash) !== stored.seal) {
    findings.push("the seal does not follow from the seal before, the block heads and the statements");
  }
  return findings;
}

/** Writes the verdict down; the first one stays. */
export async function saveVerdict(sql: Sql, period: number, at: Date, findings: readonly string[]): Promise<void> {
  await sql(
    "insert into close_check (period, checked_at, ok, findings) values ($1, $2, $3, $4) on conflict (period) do nothing",
    [period, at, findings.length === 0, JSON.stringify(findings)],
  );
}
