import { Refusal } from "../../../platform/refusal.ts";
import type { Sql } from "../../../platform/service.ts";
import { findMail } from "../mail-list-store.ts";
import { makeDue } from "../mail-store.ts";
import { findMailFor } from "../queries/show-mail.ts";
import { showMail } from "../shapes.ts";

/** Sends a mail that waits or has failed now, with all attempts before it. One that is out, or on its way, is refused. */
export async function retryMail(sql: Sql, mailId: string) {
  await findMailFor(sql, mailId);
  if (!(await makeDue(sql, mailId))) {
    throw new Refusal("conflict", "mail-not-waiting", "This mail is sent, or is being sent right now.");
  }
  const mail = await findMail(sql, mailId);
  if (mail === undefined) throw new Error("a mail vanished while its row was locked");
  return showMail(mail);
}
