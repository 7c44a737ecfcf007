/**
 * What somebody could try by hand against the books, as SQL. Each attack names the refusal that it has to meet. They run on
 * books in which period 1 is closed and period 2 is open with postings (see `attackedBooks`).
 */
import { randomUUID } from "node:crypto";
import {
  accountant,
  askFor,
  back,
  bringIn,
  debtor,
  debts,
  details,
  giveUp,
  newcomer,
  owner,
  payee,
  step,
} from "./attack-forms.ts";
import { type Books, openBooks } from "./books.ts";
import { company, playDay } from "./company.ts";
import { inventedIban } from "../../../src/app/demo/pay-details.ts";

export type Attack = {
  /** As accounting's own role, or as the owner of the tables. */
  by: "role" | "owner";
  sql: string;
  refused: RegExp;
};

/** Books of one closed and one open period, with a row in every table. */
export async function attackedBooks(): Promise<Books> {
  // Prices with which two of the three are paid for certain.
  const books = await openBooks({ settings: { feeRange: { from: 10, to: 12 } } });
  const team = company(books);
  await team.found();
  const people = Array.from({ length: 3 }, () => randomUUID());
  await playDay(team, people, 12);
  await team.end();
  await playDay(team, people, 9);
  await books.settle();
  for (const period of [1, 2]) {
    await books.owner("insert into close_request (period, by, requested_at) values ($1, 'person', now())", [period]);
  }
  for (const [n, request] of Object.entries(requests)) {
    const { id, needsSecond, entry } = request;
    await books.owner(
      `insert into correction_request (id, entry_id, user_id, kind, partition, was_minor, becomes_minor, effective_day, reason,
                                       requested_by, requested_at, needs_second)
       values ($1, $2, $3, 'fee', $4, 1000, 900, '2046-11-22', 'a mistake', $5, now(), $6)`,
      [id, entry, owner, n, accountant, needsSecond],
    );
  }
  await books.owner(
    "insert into archive (period, sha256, file, postings, archived_at) values (1, repeat('0', 64), 'period-1.jsonl.gz', 0, now())",
  );
  const { id, entry } = requests[0] as (typeof requests)[number];
  await books.owner(
    "insert into correction (request_id, entry_id, period, partition, position, posted_at) values ($1, $2, 2, 0, 1, now())",
    [id, entry],
  );
  for (const n of [0, 1]) {
    await books.owner(
      `insert into pay_details (id, user_id, iban, holder, set_at) values ($1, ${payee(n)}, $2, 'X Y', now())`,
      [n + 1, inventedIban(n)],
    );
  }
  await books.owner(
    `insert into pay_details (id, user_id, set_at, forgotten_at) values (3, ${payee(1)}, now(), now() - interval '1 s')`,
  );
  await books.owner(bringIn({ user_id: debtor, position: "1" }));
  for (const id of debts) await books.owner(askFor({ id: `'${id}'` }));
  await books.owner(giveUp(0));
  await books.owner(step(0));
  await books.owner(back(0, { was: "'sent'", position: "1" }));
  await books.owner(
    "insert into fee_return (entry_id, period, epoch, partition, position) values ($1, 2, 0, 4, 777777)",
    [requests[4]?.entry],
  );
  return books;
}

/** One that was posted, one that needs a second person, another of the same entry, one that could be posted, one of a returned fee. */
const requests = [
  { id: randomUUID(), entry: "1-tasks-1-0-1-0", needsSecond: false },
  { id: randomUUID(), entry: "1-tasks-1-1-1-0", needsSecond: true },
  { id: randomUUID(), entry: "1-tasks-1-0-1-0", needsSecond: false },
  { id: randomUUID(), entry: "1-tasks-1-3-1-0", needsSecond: false },
  { id: randomUUID(), entry: "1-tasks-1-4-1-0", needsSecond: false },
];
/** Posts one of them, by whom and where it is said. */
const correct = (n: number, changes: { period?: number; position?: number; by?: string; entry?: string } = {}) =>
  `insert into correction (request_id, entry_id, period, partition, position, approved_by, posted_at)
   values ('${requests[n]?.id}', '${changes.entry ?? requests[n]?.entry}', ${changes.period ?? 2}, ${n}, ${changes.position ?? 9},
           ${changes.by === undefined ? "null" : `'${changes.by}'`}, now())`;

/** A copy of a row of a table with some columns changed. */
const copy = (table: string, period: number, changes: Record<string, unknown> = {}, where = "true") =>
  `insert into ${table} select (jsonb_populate_record(t, '${JSON.stringify(changes)}')).* from ${table} t
    where ${table === "price" || table === "account" || table === "correction_request" || table === "task" ? "true" : `${table === "period" ? "number" : "period"} = ${period}`} and ${where} limit 1`;

const appendOnly = [
  "correction",
  "correction_request",
  "payout_step",
  "fee_return",
  "opening_balance",
  "write_off",
  "write_off_request",
  ...[
    "posting",
    "statement",
    "closing",
    "close_check",
    "price",
    "barrier",
    "period_opening",
    "close_request",
    "account",
    "archive",
  ],
];
const columns: Record<string, string> = {
  ...{ payout_step: "state", write_off: "position", write_off_request: "reason" },
  ...{ price: "currency", account: "kind", correction_request: "kind" },
};
const column = (table: string) => columns[table] ?? "period";

/** Statements of period 2 that would be right but for what is said: payout and closing out of the account's net. */
const statement = (payout: string, closing: string, sign: "<" | ">") =>
  `insert into statement (period, account_id, user_id, opening_minor, credits_minor, debits_minor, payout_minor, closing_minor)
   select 2, id, user_id, opening, credits, debits, ${payout}, ${closing}
     from (select a.id, a.user_id, coalesce(s.closing_minor, 0) as opening, b.credits_minor as credits, b.debits_minor as debits,
                  coalesce(s.closing_minor, 0) + b.credits_minor - b.debits_minor as net
             from account a join balance b on b.account_id = a.id and b.period = 2
             left join statement s on s.account_id = a.id and s.period = 1 where a.kind = 'popug') x
    where net ${sign} 0 limit 1`;
const movements = (opening: number, credits: number, debits: number) =>
  `insert into statement (period, account_id, user_id, opening_minor, credits_minor, debits_minor, payout_minor, closing_minor,
                          payout_position)
   values (2, 999999, gen_random_uuid(), ${opening}, ${credits}, ${debits},
           greatest(${opening} + ${credits} - ${debits}, 0), least(${opening} + ${credits} - ${debits}, 0),
           case when ${opening} + ${credits} - ${debits} > 0 then 1 end)`;

const both = (sql: string, refused: RegExp): Attack[] => [
  { by: "role", sql, refused },
  { by: "owner", sql, refused },
];
const free = { position: 888_888 };
const fee = "kind = 'fee'";

export const attacks: Attack[] = [
  // Nothing that was written is changed or taken away: by privilege …
  ...appendOnly.flatMap((table): Attack[] => [
    { by: "role", sql: `update ${table} set ${column(table)} = ${column(table)}`, refused: /permission denied/ },
    { by: "role", sql: `delete from ${table}`, refused: /permission denied/ },
    { by: "role", sql: `truncate ${table}`, refused: /permission denied/ },
  ]),
  // … and by trigger.
  ...[...appendOnly, "posting_1", "posting_2"].flatMap((table): Attack[] => [
    {
      by: "owner",
      sql: `update ${table} set ${column(table)} = ${column(table)}`,
      refused: /is append-only, update/,
    },
    { by: "owner", sql: `delete from ${table}`, refused: /is append-only, delete/ },
    { by: "owner", sql: `truncate ${table}`, refused: new RegExp(`^${table} is append-only, truncate`) },
  ]),
  ...["balance", "block_head", "intake"].flatMap((table): Attack[] => [
    ...both(`delete from ${table}`, /is append-only, delete/),
    { by: "role", sql: `truncate ${table}`, refused: /permission denied/ },
    { by: "owner", sql: `truncate ${table}`, refused: /is append-only, truncate/ },
    ...both(
      `update ${table} set period = 1 where ctid = (select min(ctid) from ${table} where period = 2)`,
      /is closed|duplicate/,
    ),
    ...both(
      `update ${table} set period = 2 where ctid = (select min(ctid) from ${table} where period = 1)`,
      /is closed|duplicate/,
    ),
    ...both(copy(table, 2), /duplicate key/),
  ]),
  ...both("update balance set debits_minor = debits_minor where period = 1", /period 1 is closed/),
  ...both("update balance set period = 2, account_id = account_id + 90000 where period = 1", /period 1 is closed/),
  ...both("update balance set period = 1, account_id = account_id + 90000 where period = 2", /period 1 is closed/),
  ...both("update block_head set head = head where period = 1", /period 1 is closed/),
  ...both("update block_head set period = 2, source = 'debt' where period = 1", /period 1 is closed/),
  ...both("update block_head set period = 1, source = 'debt' where period = 2", /period 1 is closed/),
  ...both("update intake set count = count where period = 1", /period 1 is closed/),
  ...both("update intake set period = 2, type = 'x' || type where period = 1", /period 1 is closed/),
  ...both("update intake set period = 1, type = 'x' || type where period = 2", /period 1 is closed/),

  // No row enters a closed period, through the ledger or past it.
  ...both(copy("posting", 1, { ...free, leg: 7 }, fee), /period 1 is closed, posting refuses/),
  { by: "role", sql: copy("posting_1", 1, free), refused: /permission denied/ },
  { by: "owner", sql: copy("posting_1", 1, free, fee), refused: /period 1 is closed, posting_1 refuses/ },
  { by: "owner", sql: copy("posting_2", 2, { ...free, period: 1 }, fee), refused: /violates partition constraint/ },
  ...both(copy("statement", 1, { account_id: 999_999, ...zeros() }), /period 1 is closed/),
  ...both(copy("balance", 1, { account_id: 999_999 }), /period 1 is closed/),
  ...both(copy("block_head", 1, { source: "debt" }), /period 1 is closed/),
  ...both(copy("intake", 1, { type: "x" }), /period 1 is closed/),
  ...both(copy("posting", 2, { period: 77 }), /no partition of relation/),
  ...both(copy("balance", 2, { period: 77 }), /never opened/),

  // A closed period stays as it is, and is shut by its close only.
  ...both("update period set closed_at = null where number = 1", /cannot be changed/),
  ...both("update period set ends_at = ends_at + interval '1 day' where number = 2", /cannot be changed/),
  ...both("update period set settings = '{}' where number = 2", /settings of period 2 cannot be changed/),
  ...both("delete from period where number = 2", /cannot be changed/),
  ...both("update period set closed_at = now() where number = 2", /not shut without its close/),
  ...both(copy("period", 2, { number: 50, part: 50, closed_at: "2026-01-01T00:00:00Z" }), /not shut without its close/),
  { by: "role", sql: "truncate period", refused: /permission denied/ },
  { by: "owner", sql: "truncate period cascade", refused: /^period is append-only/ },
  ...both(copy("period", 2, { number: 0, part: 9 }), /period_number_check/),
  ...both(copy("period", 2, { number: 60, part: 0 }), /period_part_check/),
  ...both(copy("period", 2, { part: 9 }), /period_pkey/),
  ...both(copy("period", 2, { number: 61 }), /period_business_date_part_key/),

  // A posting is two sides of one amount, booked once for ever; a payout is made once per popug and period.
  ...both(copy("posting", 2, {}, fee), /posting_2_pkey/),
  ...both(copy("posting", 2, { ...free, amount_minor: 0 }, fee), /posting_amount_minor_check/),
  ...both(copy("posting", 2, { ...free, amount_minor: -5 }, fee), /posting_amount_minor_check/),
  ...both(copy("posting", 2, { ...free, debit_account: 7, credit_account: 7 }, fee), /posting_check/),
  ...both(copy("posting", 2, { ...free, kind: "gift" }, fee), /posting_kind_check/),
  ...both(copy("posting", 2, { ...free, partition: 16 }, fee), /posting_partition_check/),
  ...both(
    `insert into posting select (jsonb_populate_record(null::posting, to_jsonb(p) || jsonb_build_object('kind', 'payout', 'position', n))).*
       from (select * from posting where period = 2 limit 1) p cross join generate_series(100000, 100001) n`,
    /posting_2_period_user_id_idx/,
  ),

  // A statement adds up, and follows from the one before and from what was booked.
  ...both(statement("greatest(net, 0)", "least(net, 0) - 1", "<"), /statement_check"/),
  ...both(statement("7", "net - 7", "<"), /statement_check1/),
  ...both(statement("0", "net", ">"), /statement_closing_minor_check/),
  ...both(statement("net", "0", ">"), /statement_payout_place/),
  ...both(
    `insert into statement (period, account_id, user_id, opening_minor, credits_minor, debits_minor, payout_minor, closing_minor)
     values (2, 999999, gen_random_uuid(), 0, 0, 1, -1, 0)`,
    /statement_payout_minor_check/,
  ),
  ...both(movements(0, -1, 0), /statement_credits_minor_check/),
  ...both(movements(0, 0, -1), /statement_debits_minor_check/),
  ...both(movements(0, 5, 0), /does not follow from the books/),
  ...both(movements(-5, 0, 0), /does not follow from the books/),
  { by: "owner", sql: copy("statement", 1), refused: /statement_pkey/ },

  // Totals of a close.
  ...both(copy("closing", 1), /closing_pkey/),
  ...both(copy("closing", 1, { period: 2, carried_minor: 1 }), /closing_carried_minor_check/),
  ...both(copy("closing", 1, { period: 2, earned_minor: 999_999_999 }), /closing_check/),
  ...both(copy("closing", 1, { period: 2, paid_out_minor: -1 }), /closing_paid_out_minor_check/),
  ...both(copy("closing", 1, { period: 2, seal: "x" }), /closing_seal_check/),
  ...both(copy("closing", 1, { period: 2, statements_hash: "x" }), /closing_statements_hash_check/),
  ...both(copy("closing", 1, { period: 2, returned_minor: -1 }), /closing_returned_minor_check/),
  ...both(copy("closing", 1, { period: 2, written_off_minor: -1 }), /closing_written_off_minor_check/),
  ...both(copy("close_check", 1), /close_check_pkey/),
  ...both(copy("period_opening", 2), /period_opening_pkey/),
  ...both(copy("period_opening", 2, { period: 1 }), /period_opening_period_check/),
  ...both(copy("period_opening", 2, { period: 5, openings_minor: 1, closings_minor: 2 }), /period_opening_check/),
  ...both(copy("close_request", 1), /close_request_pkey/),
  ...both(copy("close_request", 1, { by: "nobody" }), /close_request_by_check/),
  ...both(copy("close_request", 1, { period: 77 }), /close_request_period_fkey/),

  // A correction is what was asked for, by somebody else than whom it is about, and above the limit by two.
  ...both(copy("correction_request", 0), /correction_request_pkey/),
  ...both(copy("correction_request", 0, { id: randomUUID(), kind: "payout" }), /correction_request_kind_check/),
  ...both(copy("correction_request", 0, { id: randomUUID(), partition: 16 }), /correction_request_partition_check/),
  ...both(
    copy("correction_request", 0, { id: randomUUID(), becomes_minor: -1 }),
    /correction_request_becomes_minor_check/,
  ),
  ...both(copy("correction_request", 0, { id: randomUUID(), reason: "  x " }), /correction_request_reason_check/),
  ...both(copy("correction_request", 0, { id: randomUUID(), becomes_minor: 1000 }), /correction_request_check"/),
  ...both(copy("correction_request", 0, { id: randomUUID(), requested_by: owner }), /correction_request_check1/),
  ...both(correct(0), /correction_pkey/),
  ...both(correct(2), /correction_entry_id_key/),
  ...both(correct(3, { position: 1 }), /correction_period_position_key/),
  ...both(correct(3, { position: 0 }), /correction_position_check/),
  ...both(correct(3, { period: 1 }), /period 1 is closed, correction refuses/),
  ...both(correct(3, { entry: "1-tasks-1-3-2-0" }), /not agreed on/),
  ...both(correct(3, { by: owner }), /not agreed on/),
  ...both(correct(1), /not agreed on/),
  ...both(correct(1, { by: accountant }), /not agreed on/),

  // A payout takes one step at a time, out of each state once, and comes back once, to an open period.
  ...both(step(0), /payout_step_pkey/),
  ...both(step(0, { was: "'sent'", state: "'confirmed'", details_id: "null" }), /payout_step_pkey/),
  ...both(back(0), /payout_step_pkey/),
  ...both(step(1, { state: "'confirmed'", details_id: "null" }), /payout_step_way/),
  ...both(step(1, { was: "'sent'", state: "'confirmed'", details_id: "null" }), /cannot take this step/),
  ...both(step(1, { user_id: `'${owner}'` }), /cannot take this step/),
  ...both(step(1, { payout_period: "2" }), /cannot take this step/),
  ...both(step(1, { details_id: "1" }), /cannot take this step/),
  ...both(step(1, { details_id: "77" }), /cannot take this step/),
  ...both(step(1, { details_id: "3" }), /cannot take this step/),
  ...both(step(1, { details_id: "null" }), /payout_step_details/),
  ...both(back(1, { was: "'sent'" }), /cannot take this step/),
  ...both(back(1, { partition: "99" }), /cannot take this step/),
  ...both(back(1, { details_id: "2" }), /payout_step_details/),
  ...both(back(1, { file: "'POUCH'" }), /payout_step_file/),
  ...both(back(1, { reason: "null" }), /payout_step_return/),
  ...both(back(1, { position: "null" }), /payout_step_return/),
  ...both(step(1, { reason: "'sent with a reason'" }), /payout_step_return/),
  ...both(back(1, { reason: "' x '" }), /payout_step_reason_check/),
  ...both(back(1, { position: "0" }), /payout_step_position_check/),
  ...both(back(1, { position: "1" }), /payout_step_period_position_key/),
  ...both(back(1, { period: "1" }), /payout_step_later/),
  ...both(back(1, { payout_period: "0", period: "1" }), /period 1 is closed/),
  ...both(back(1, { by: payee(1) }), /payout_step_not_own/),

  // A debt is given up by two people, neither of them the debtor, once, in an open period.
  ...both(askFor(), /write_off_request_pkey/),
  ...both(askFor({ id: "gen_random_uuid()", amount_minor: "0" }), /write_off_request_amount_minor_check/),
  ...both(askFor({ id: "gen_random_uuid()", reason: "' x '" }), /write_off_request_reason_check/),
  ...both(askFor({ id: "gen_random_uuid()", requested_by: debtor }), /write_off_request_not_own/),
  ...both(bringIn({ user_id: debtor }), /opening_balance_pkey/),
  ...both(bringIn({ position: "1" }), /opening_balance_period_position_key/),
  ...both(bringIn({ amount_minor: "0" }), /opening_balance_amount_minor_check/),
  ...both(bringIn({ position: "0" }), /opening_balance_position_check/),
  ...both(bringIn({ imported_by: newcomer }), /opening_balance_not_own/),
  ...both(bringIn({ period: "1" }), /period 1 is closed, opening_balance refuses/),
  ...both(bringIn({ partition: "99" }), /has no account there/),
  ...both(giveUp(0, { position: "9" }), /write_off_pkey/),
  ...both(giveUp(1, { position: "1" }), /write_off_period_position_key/),
  ...both(giveUp(1, { position: "0" }), /write_off_position_check/),
  ...both(giveUp(1, { period: "1" }), /period 1 is closed, write_off refuses/),
  ...both(giveUp(1, { request_id: "gen_random_uuid()" }), /not agreed on/),
  ...both(giveUp(1, { approved_by: `'${accountant}'` }), /not agreed on/),
  ...both(giveUp(1, { approved_by: debtor }), /not agreed on/),
  ...both(giveUp(1, { partition: "99" }), /not agreed on/),

  // Pay details stay as they were, or are forgotten.
  ...both("update pay_details set holder = 'Another' where id = 1", /stay as they were/),
  ...both(
    "update pay_details set iban = null, holder = null, user_id = gen_random_uuid() where id = 1",
    /stay as they were/,
  ),
  ...both("delete from pay_details", /stay as they were/),
  { by: "role", sql: "truncate pay_details", refused: /permission denied/ },
  { by: "owner", sql: "truncate pay_details", refused: /pay_details is append-only/ },
  ...both(details({ id: 1 }), /pay_details_pkey/),
  ...both(details({ id: 0 }), /pay_details_id_check/),
  ...both(details({ iban: "not a number" }), /pay_details_iban_check/),
  ...both(details({ holder: "X" }), /pay_details_holder_check/),
  ...both(details({ holder: null }), /pay_details_check/),
  ...both(details({ forgotten_at: "2046-11-23T10:00:00Z" }), /pay_details_forgotten/),
  ...both("update pay_details set forgotten_at = now() where id = 3", /stay as they were/),
  { by: "role", sql: "truncate recalled_step", refused: /permission denied/ },
  // A fee comes back once, by one posting, and an entry is not both given back and corrected.
  ...both(copy("fee_return", 2, { position: 888_888 }), /fee_return_pkey/),
  ...both(copy("fee_return", 2, { entry_id: "x" }), /fee_return_period_epoch_partition_position_key/),
  ...both(
    copy("fee_return", 2, { entry_id: "x", period: 1, position: 888_888 }),
    /period 1 is closed, fee_return refuses/,
  ),
  ...both(copy("fee_return", 2, { entry_id: requests[0]?.entry, position: 888_888 }), /was taken back already/),
  ...both(correct(4), /was taken back already/),

  // What the file of an archived period has to be.
  ...both(copy("archive", 1), /archive_pkey/),
  ...both(copy("archive", 1, { sha256: "x" }), /archive_sha256_check/),
  ...both(copy("archive", 1, { sha256: "1".repeat(64), file: "../x" }), /archive_file_check/),
  ...both(copy("archive", 1, { sha256: "1".repeat(64), postings: -1 }), /archive_postings_check/),
  ...both(copy("archive", 1, { sha256: "1".repeat(64), period: 77 }), /archive_period_fkey/),

  // What was met of the source, the accounts, the prices.
  ...both(copy("barrier", 1), /barrier_pkey/),
  ...both(copy("barrier", 1, { partition: 16 }), /barrier_partition_check/),
  ...both(copy("barrier", 1, { period: -1 }), /barrier_period_check/),
  ...both("update block_head set head = 'x' where period = 2", /block_head_head_check/),
  ...both("update balance set debits_minor = -1 where period = 2", /balance_debits_minor_check/),
  ...both("update balance set credits_minor = -1 where period = 2", /balance_credits_minor_check/),
  ...both("insert into account (kind, partition) values ('popug', 1)", /account_check/),
  ...both("insert into account (kind, partition) values ('pocket', 1)", /account_kind_check/),
  ...both("insert into account (kind, partition) values ('suspense', 16)", /account_partition_check/),
  ...both("insert into account (id, kind, partition) values (100, 'suspense', 1)", /account_pkey/),
  ...both(copy("account", 0, { id: 999_999 }, "kind = 'popug'"), /account_user_id_key/),
  ...both(copy("price", 0), /price_pkey/),
  ...both(copy("price", 0, { task_id: randomUUID(), fee_minor: -1 }), /price_fee_minor_check/),
  ...both(copy("price", 0, { task_id: randomUUID(), reward_minor: -1 }), /price_reward_minor_check/),
  ...both(copy("task", 0), /task_pkey/),
];

function zeros() {
  return {
    opening_minor: 0,
    credits_minor: 0,
    debits_minor: 0,
    payout_minor: 0,
    closing_minor: 0,
    payout_position: null,
  };
}

/** Runs an attack and takes back whatever it did; what it was refused with, or undefined when it went through. */
export async function outcomeOf(books: Books, attack: Attack, before: string[] = []): Promise<string | undefined> {
  const role = attack.by === "role" ? ["set local role popug_test_accounting"] : [];
  return await books.undone([...before, ...role], attack.sql);
}
