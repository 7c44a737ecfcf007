/** Rows of payouts and write-offs as somebody could write them by hand: what is right of them, but for given columns. */
import { randomUUID } from "node:crypto";
import { inventedIban } from "../../../src/app/demo/pay-details.ts";

export const owner = randomUUID();
export const accountant = randomUUID();

/** Who was paid for period 1: the first payout was sent and came back, the second is requested. */
export const payee = (n: number) =>
  `(select user_id from posting where period = 1 and kind = 'payout' order by user_id limit 1 offset ${n})`;
/** A step of one of them, its sending if nothing else is said; columns as SQL. */
export const step = (n: number, changes: Record<string, string> = {}) => {
  const sent = {
    payout_period: "1",
    user_id: payee(n),
    was: "'requested'",
    state: "'sent'",
    details_id: String(n + 1),
  };
  const row = { ...sent, at: "now()", by: `'${accountant}'`, ...changes };
  return `insert into payout_step (${Object.keys(row).join(", ")}) select ${Object.values(row).join(", ")}`;
};
/** The step that gives one of them back. */
export const back = (n: number, changes: Record<string, string> = {}) =>
  step(n, {
    ...{ state: "'failed'", details_id: "null", reason: "'closed'", period: "2", position: "9" },
    partition: `(select partition from posting where period = 1 and kind = 'payout' and user_id = ${payee(n)})`,
    ...changes,
  });
/** Debts that somebody wants to give up: one that was, two that could be. */
export const debts = [0, 1, 2].map(() => randomUUID());
/** Whoever owes them. */
export const debtor = "(select user_id from account where kind = 'popug' order by user_id limit 1)";
/** Asks for one of them to be given up. */
export const askFor = (changes: Record<string, string> = {}) => {
  const row = { id: `'${debts[0]}'`, user_id: debtor, amount_minor: "5", reason: "'gone'", requested_at: "now()" };
  const asked = { ...row, requested_by: `'${accountant}'`, ...changes };
  return `insert into write_off_request (${Object.keys(asked).join(", ")}) select ${Object.values(asked).join(", ")}`;
};
/** A second person agrees. */
export const giveUp = (n: number, changes: Record<string, string> = {}) => {
  const row = { request_id: `'${debts[n]}'`, period: "2", position: String(n + 1), posted_at: "now()" };
  const partition = `(select partition from account where user_id = ${debtor})`;
  const given = { ...row, partition, approved_by: `'${owner}'`, ...changes };
  return `insert into write_off (${Object.keys(given).join(", ")}) select ${Object.values(given).join(", ")}`;
};
/** Somebody who has not brought anything yet. */
export const newcomer =
  "(select user_id from account where kind = 'popug' and user_id not in (select user_id from opening_balance) order by user_id limit 1)";
/** A balance from other books, of a newcomer if nothing else is said. */
export const bringIn = (changes: Record<string, string> = {}) => {
  const row = { user_id: newcomer, amount_minor: "500", id: "gen_random_uuid()", period: "2", position: "9" };
  const brought = { ...row, imported_by: `'${accountant}'`, imported_at: "now()", ...changes };
  const partition = changes["partition"] ?? `(select partition from account where user_id = ${brought.user_id})`;
  const columns: Record<string, string> = { ...brought, partition };
  return `insert into opening_balance (${Object.keys(columns).join(", ")}) select ${Object.values(columns).join(", ")}`;
};
/** Pay details of somebody, right but for what is said. */
export const details = (changes: Record<string, unknown>) =>
  `insert into pay_details select * from jsonb_populate_record(null::pay_details, '${JSON.stringify({
    ...{ id: 9, user_id: owner, iban: inventedIban(9), holder: "X Y", set_at: "2046-11-23T10:00:00Z", ...changes },
  })}')`;
