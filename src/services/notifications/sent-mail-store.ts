/** SQL of what went out: a chain of hashes, one line for each mail. */
import type { Sql } from "../../platform/service.ts";

/**
 * Adds a mail that has just been marked as sent. One at a time: the lock is held until the transaction ends.
 * @param content SHA-256 of the message as it was handed over
 */
export async function chainSentMail(sql: Sql, mailId: string, content: string): Promise<void> {
  await sql("select pg_advisory_xact_lock(hashtextextended(current_schema() || '.sent_mail', 0))");
  // A statement of its own: it has to see the line of the one that held the lock before.
  await sql(
    `insert into sent_mail (number, key, told, content, chain)
     select n, key, told, $2::text, encode(sha256(convert_to(concat_ws('|', before, n, key, told, $2::text), 'UTF8')), 'hex')
       from (select m.key, mail_row_hash(m) as told, coalesce(last.number, 0) + 1 as n,
                    coalesce(last.chain, repeat('0', 64)) as before
               from mail m left join (select number, chain from sent_mail order by number desc limit 1) last on true
              where m.id = $1) line`,
    [mailId, content],
  );
}

export type SentMail = {
  number: number;
  key: string;
  told: string;
  content: string;
  chain: string;
  /** No later line is about the same mail. */
  newest: boolean;
  /** The hash of what the mail says now; null when the mail is not there. */
  toldNow: string | null;
};

const PAGE = 5_000;

/** The chain in order, beside the mails as they are now. */
export async function* sentMails(sql: Sql): AsyncGenerator<SentMail> {
  for (let after = Number.MIN_SAFE_INTEGER; ; ) {
    const rows = await sql<SentMail>(
      `select s.number, s.key, s.told, s.content, s.chain,
              not exists (select from notifications.sent_mail l where l.key = s.key and l.number > s.number) as newest, case when m.id is not null then notifications.mail_row_hash(m) end as "toldNow"
         from notifications.sent_mail s left join notifications.mail m on m.key = s.key and m.status = 'sent'
        where s.number > $1 order by s.number limit ${PAGE}`,
      [after],
    );
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.number;
  }
}
