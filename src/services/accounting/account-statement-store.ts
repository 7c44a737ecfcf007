/** SQL of account statements over a range of days. */
import type { Sql } from "../../platform/service.ts";

export type StatementLine = {
  period: number;
  label: string;
  day: string;
  openingMinor: number;
  creditsMinor: number;
  debitsMinor: number;
  payoutMinor: number;
  closingMinor: number;
  currency: string;
  closed: boolean;
};

/**
 * What each period of the range has done to an account, the oldest first: of closed ones the statement, of the others how they
 * stand. The first of those begins with what the last statement ended with, the next with what the one before stands at.
 */
export async function statementLines(
  sql: Sql,
  userId: string,
  range: { from: string; to: string },
  limit: number,
): Promise<StatementLine[]> {
  return await sql<StatementLine>(
    `with mine as (select id from account where user_id = $1),
          carried as (
            select coalesce((select s.closing_minor from statement s, mine where s.account_id = mine.id
                              order by s.period desc limit 1), 0) as minor),
          standing as (
            select p.number, coalesce(b.credits_minor, 0) as credits, coalesce(b.debits_minor, 0) as debits,
                   carried.minor + sum(coalesce(b.credits_minor, 0) - coalesce(b.debits_minor, 0)) over (order by p.number) as closing
              from period p cross join carried
              left join balance b on b.period = p.number and b.account_id = (select id from mine)
             where p.closed_at is null)
     select * from (
       select p.number as period, p.label, p.business_date as day, s.opening_minor as "openingMinor",
              s.credits_minor as "creditsMinor", s.debits_minor as "debitsMinor", s.payout_minor as "payoutMinor",
              s.closing_minor as "closingMinor", p.currency, true as closed
         from mine join statement s on s.account_id = mine.id join period p on p.number = s.period
       union all
       select p.number, p.label, p.business_date, (t.closing - t.credits + t.debits)::bigint, t.credits, t.debits, 0,
              t.closing::bigint, p.currency, false
         from standing t join period p on p.number = t.number where t.credits <> 0 or t.debits <> 0) line
      where day between $2 and $3 order by period limit $4`,
    [userId, range.from, range.to, limit],
  );
}
