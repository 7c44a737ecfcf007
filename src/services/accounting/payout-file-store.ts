/** SQL of payout files: what would be in the next one, and what was in those that are sent. */
import type { Sql } from "../../platform/service.ts";
import { asOfMessage, type FileLine, messageIdOf } from "./payout.ts";
import { newestDetailsId } from "./pay-details-store.ts";

/** The most payments in one file; the next file has the others. */
export const MAX_PAYMENTS = 100_000;

/** A payment with what the bank has to know; null where it was forgotten since. */
export type Payment = FileLine & { iban: string | null; holder: string | null };

const COLUMNS = `p.period, a.partition, p.payout_position as position, p.user_id as "userId", p.payout_minor as "amountMinor",
  d.id as "detailsId", d.iban, d.holder`;

/** The payouts that no step was taken of yet and whose popugs had pay details as of that id, in the order of user ids. */
async function readyPayments(sql: Sql, period: number, asOf: number): Promise<Payment[]> {
  return await sql<Payment>(
    `select ${COLUMNS} from statement p join account a on a.id = p.account_id
      cross join lateral (select id, iban, holder from pay_details d where d.user_id = p.user_id and d.id <= $2
                           order by d.id desc limit 1) d
      where p.period = $1 and p.payout_minor > 0
        and not exists (select from payout_step s where s.payout_period = p.period and s.user_id = p.user_id)
        and d.iban is not null
      order by p.user_id limit ${MAX_PAYMENTS}`,
    [period, asOf],
  );
}

export type PayoutFile = { messageId: string; sent: boolean; payments: Payment[] };

/** The next file, with the pay details as of now. It may be empty. */
export async function nextFile(sql: Sql, period: number): Promise<PayoutFile> {
  const asOf = await newestDetailsId(sql);
  const payments = await readyPayments(sql, period, asOf);
  return { messageId: messageIdOf(period, asOf, payments), sent: false, payments };
}

/** A file by its message id: one that is sent, or the same payments that were ready when it was made; undefined: neither. */
export async function findFile(sql: Sql, period: number, messageId: string): Promise<PayoutFile | undefined> {
  const asOf = asOfMessage(messageId, period);
  if (asOf === undefined) return undefined;
  const sent = await sql<Payment>(
    `select ${COLUMNS} from payout_step s
       join statement p on p.period = s.payout_period and p.user_id = s.user_id
       join account a on a.id = p.account_id
       join pay_details d on d.id = s.details_id
      where s.payout_period = $1 and s.file = $2 order by s.user_id`,
    [period, messageId],
  );
  if (sent.length > 0) return { messageId, sent: true, payments: sent };
  const payments = await readyPayments(sql, period, asOf);
  const isIt = payments.length > 0 && messageIdOf(period, asOf, payments) === messageId;
  return isIt ? { messageId, sent: false, payments } : undefined;
}

export type SentFile = { messageId: string; count: number; amountMinor: number; sentAt: Date; sentBy: string };

/** The files of a period that were sent, the last one first. */
export async function listSentFiles(sql: Sql, period: number): Promise<SentFile[]> {
  return await sql<SentFile>(
    `select s.file as "messageId", count(*) as count, sum(p.payout_minor)::bigint as "amountMinor", min(s.at) as "sentAt",
            min(s.by::text) as "sentBy"
       from payout_step s join statement p on p.period = s.payout_period and p.user_id = s.user_id
      where s.payout_period = $1 and s.file is not null group by s.file order by min(s.at) desc, s.file`,
    [period],
  );
}
