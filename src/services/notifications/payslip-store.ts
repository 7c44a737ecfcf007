/** SQL of payslips as people look them up: what each period came to, and what became of its mail. */
import type { Sql } from "../../platform/service.ts";
import type { MailStatus } from "./mail.ts";

export type PayslipRow = {
  period: number;
  label: string;
  businessDate: string;
  openingMinor: number;
  creditsMinor: number;
  debitsMinor: number;
  payoutMinor: number;
  closingMinor: number;
  currency: string;
  /** Null: not queued yet, because not all of the period is here. */
  mailStatus: MailStatus | null;
  sentAt: Date | null;
};

const COLUMNS = `s.period, s.label, s.business_date as "businessDate", s.opening_minor as "openingMinor",
  s.credits_minor as "creditsMinor", s.debits_minor as "debitsMinor", s.payout_minor as "payoutMinor",
  s.closing_minor as "closingMinor", s.currency, m.status as "mailStatus", m.sent_at as "sentAt"`;
const MAIL = "left join mail m on m.key = 'payslip:' || s.period || ':' || s.user_id";

/** The payslips of a popug, the newest first, from below the period `before`. */
export async function listPayslips(
  sql: Sql,
  userId: string,
  before: number | null,
  limit: number,
): Promise<PayslipRow[]> {
  return await sql<PayslipRow>(
    `select ${COLUMNS} from statement s ${MAIL}
      where s.user_id = $1 and ($2::int is null or s.period < $2) order by s.period desc limit $3`,
    [userId, before, limit],
  );
}

export type PayslipCounts = { period: number; total: number; sent: number; failed: number };

/** How many payslips each period from … to has to mail, and how many are out or have failed. */
export async function countPayslips(sql: Sql, from: number, to: number): Promise<PayslipCounts[]> {
  return await sql<PayslipCounts>(
    `select period, count(*) filter (where status <> 'withheld') as total, count(*) filter (where status = 'sent') as sent,
            count(*) filter (where status = 'failed') as failed
       from mail where kind = 'payslip' and period between $1 and $2 group by period order by period desc`,
    [from, to],
  );
}

/** Makes the failed payslips of a period due now; returns how many. */
export async function makeFailedPayslipsDue(sql: Sql, period: number): Promise<number> {
  const rows = await sql<{ count: number }>(
    `with due as (update mail set status = 'queued', attempts = 0, next_attempt_at = clock_timestamp()
                   where status = 'failed' and kind = 'payslip' and period = $1 returning 1)
     select count(*) as count from due`,
    [period],
  );
  return rows[0]?.count ?? 0;
}
