/** What the database refuses only when two do something at once, or in its own functions; the rest is in mutations.test.ts. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import type { Sql } from "../../../src/platform/service.ts";
import { type Books, openBooks } from "./books.ts";
import { company, playDay } from "./company.ts";

let books: Books;
const popug = randomUUID();
before(async () => {
  books = await openBooks();
  const team = company(books);
  await team.found();
  await playDay(team, [popug, randomUUID(), randomUUID()], 12);
  await team.end();
  await playDay(team, [popug, randomUUID()], 6);
  await books.settle();
});
after(() => books?.stop());

const attack = (sql: Sql, text: string, expected: RegExp) => assert.rejects(sql(text), expected, text);

test("a period is opened only behind its predecessor, and never as something else than it was", async () => {
  const open = (n: number, day: string) =>
    `select open_period(${n}, '${day}', 1, 'x', now(), now() + interval '1 day', 'USD')`;
  await attack(books.role, open(9, "2027-01-01"), /cannot follow/);
  await attack(books.role, open(2, "2027-01-01"), /opened as something else/);
});

test("a posting that comes while its period is being closed waits for the close, and is refused", async () => {
  const team = company(books);
  const outcome: string[] = [];
  let rival: Promise<unknown> = Promise.resolve();
  await books.accounting.tools.transact("billing.close", "system:close", async ({ sql }) => {
    await sql("select 1 from period where number = 2 for update");
    const late = `insert into posting select (jsonb_populate_record(t, '{"position": 777777}')).* from posting t where period = 2 limit 1`;
    rival = books.role(late).then(
      () => outcome.push("slipped in"),
      (error: Error) => outcome.push(error.message),
    );
    // The rival stands at the lock; only then is the period shut.
    for (;;) {
      const waiting = await books.owner(
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%777777%'",
      );
      if (waiting.length > 0) break;
    }
    assert.deepEqual(outcome, []);
    await sql(
      `insert into closing select (jsonb_populate_record(c, jsonb_build_object('period', 2, 'closed_at', now()))).* from closing c`,
    );
    await sql("update period set closed_at = now() where number = 2");
  });
  await rival;
  assert.equal(outcome.length, 1);
  assert.match(outcome[0] ?? "", /period 2 is closed/);
  assert(team);
});
