/** A task is cancelled: what it cost its present assignee comes back, whatever became of that fee meanwhile. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { taskUpdatedV2 } from "../../../src/contracts/tasks/task.updated.v2.ts";
import { discard } from "../../../src/platform/dead-letters.ts";
import { verifyBooks } from "../../../src/services/accounting/verify.ts";
import { type Books, copyEvents, openBooks } from "./books.ts";
import { type Company, company } from "./company.ts";

let books: Books;
let team: Company;
before(async () => {
  books = await openBooks();
  team = company(books);
  await team.found();
  await books.settle();
});
after(() => books?.stop());

type Line = { entryId: string; kind: string; user: string; amount: number; period: number; reverses: string | null };
const linesOf = (taskId: string) =>
  books.owner<Line>(
    `select concat_ws('-', p.period, p.source, p.epoch, p.partition, p.position, p.leg) as "entryId", p.kind, p.user_id as user,
            p.amount_minor as amount, p.period, r.entry_id as reverses
       from posting p left join fee_return r on p.kind = 'fee-reversal' and r.period = p.period and r.epoch = p.epoch
                                            and r.partition = p.partition and r.position = p.position
      where p.task_id = $1 order by p.period, p.position, p.leg`,
    [taskId],
  );
const findings = async () => (await verifyBooks(books.owner)).findings;

test("the fee of the present assignment comes back and names its entry; who lost the task to a draw before has paid", async () => {
  const [first, second] = [randomUUID(), randomUUID()];
  const taskId = await team.create(first);
  await team.change(taskId, second, "assigned");
  await team.change(taskId, second, "cancelled");
  await books.settle();
  const [, fee, back] = await linesOf(taskId);
  assert.deepEqual(
    [back?.kind, back?.user, back?.amount, back?.reverses],
    ["fee-reversal", second, fee?.amount, fee?.entryId],
  );
  const [published] = await books.owner<{ entry: { reverses?: string } }>(
    `select e as entry from accounting.log, jsonb_array_elements(data->'entries') e
      where type = 'entry.posted' and e->>'entryId' = $1`,
    [back?.entryId],
  );
  assert.equal(published?.entry.reverses, fee?.entryId);
  assert.deepEqual(await findings(), []);
});

test("a fee of a closed period comes back in the period in which the task was cancelled; the closed one stays", async () => {
  const popug = randomUUID();
  const taskId = await team.create(popug);
  const charged = team.period();
  await team.end();
  await books.settle();
  const before = await books.owner("select * from closing where period = $1", [charged]);
  await team.change(taskId, popug, "cancelled");
  await team.end();
  await books.settle();
  const [fee, back] = await linesOf(taskId);
  assert.deepEqual([fee?.period, back?.period, back?.reverses], [charged, charged + 1, fee?.entryId]);
  assert.deepEqual(await books.owner("select * from closing where period = $1", [charged]), before);
  const [told] = await books.owner<{ opening: number; closing: number; payout: number }>(
    "select opening_minor as opening, closing_minor as closing, payout_minor as payout from statement where period = $1 and user_id = $2",
    [charged + 1, popug],
  );
  assert.deepEqual(told, { opening: -(fee?.amount ?? 0), closing: 0, payout: 0 });
  const checks = await books.owner<{ ok: boolean }>("select ok from close_check");
  assert(checks.length >= 2 && checks.every(({ ok }) => ok));
  assert.deepEqual(await findings(), []);
});

test("a task that waited for somebody costs nothing, and cancelling it is no money", async () => {
  const popug = randomUUID();
  let taskId = "";
  await books.say((emit) => {
    taskId = team.createIn(emit, "Waits");
    const data = { taskId, title: "Waits", jiraId: null, assigneeId: null, isDone: false };
    emit(
      taskUpdatedV2,
      { ...data, change: "cancelled", cancellation: { reason: "wrong", assigned: null } },
      { period: team.period() },
    );
  });
  await team.create(popug);
  await books.settle();
  assert.deepEqual(await linesOf(taskId), []);
  assert.deepEqual(await books.owner("select reason from dead_letter"), []);
});

test("a fee that people decided not to book does not come back", async () => {
  const [first, second] = [randomUUID(), randomUUID()];
  const taskId = await team.create(first);
  await books.settle();
  const data = { taskId, title: "x", jiraId: null, assigneeId: null, isDone: false, change: "assigned" as const };
  await books.say((emit) => emit(taskUpdatedV2, data, { period: team.period() }));
  await team.change(taskId, second, "cancelled");
  await books.settle();
  const [letter] = await books.owner<{ id: string }>("select id from dead_letter where status = 'dead'");
  assert(letter);
  for (const by of ["user:a", "user:b"]) {
    await discard(books.role, letter.id, by, "assigned to nobody", () => true);
  }
  await books.settle();
  assert.deepEqual(
    (await linesOf(taskId)).map(({ kind, user }) => [kind, user]),
    [["fee", first]],
  );
  assert.deepEqual(await findings(), []);
});

test("a replay, which knows corrections beforehand, gives the corrected fee back, also when all comes in one batch", async () => {
  const again = await openBooks();
  try {
    const popug = randomUUID();
    const taskId = await team.create(popug);
    await books.settle();
    const [fee] = await linesOf(taskId);
    assert(fee);
    const partition = Number(fee.entryId.split("-")[3]);
    const correction = [
      `insert into correction_request (id, entry_id, user_id, task_id, kind, partition, was_minor, becomes_minor, effective_day,
                                       reason, requested_by, requested_at, needs_second)
       values ('${popug}', '${fee.entryId}', '${popug}', '${taskId}', 'fee', ${partition}, ${fee.amount}, 700, '2046-11-22',
               'wrong price', gen_random_uuid(), now(), false)`,
      `insert into correction (request_id, entry_id, period, partition, position, posted_at)
       values ('${popug}', '${fee.entryId}', ${fee.period}, ${partition}, 1, now())`,
    ];
    await team.change(taskId, popug, "cancelled");
    await books.log();
    await copyEvents(books, again);
    for (let n = 1; n <= fee.period; n++) {
      const [known] = await books.owner<{ open: string }>(
        `select format('select open_period(%s, %L, %s, %L, %L, %L, %L)', number, business_date, part, label, began_at, ends_at,
                       currency) as open from period where number = $1`,
        [n],
      );
      await again.owner(known?.open ?? "");
    }
    for (const sql of correction) await again.owner(sql);
    await again.consumeThrough((sql) => sql);
    const [returned] = await again.owner<{ amount: number; entryId: string }>(
      `select p.amount_minor as amount, r.entry_id as "entryId"
         from posting p join fee_return r on (r.period, r.epoch, r.partition, r.position) = (p.period, p.epoch, p.partition, p.position)
        where p.task_id = $1 and p.kind = 'fee-reversal'`,
      [taskId],
    );
    assert.deepEqual(returned, { amount: 700, entryId: `${fee.period}-correction-0-${partition}-1-1` });
  } finally {
    await again.stop();
  }
});

test("a return that somebody bends by hand is found: what it takes back, and how much", async () => {
  const open = ["alter table fee_return disable trigger all", "alter table posting disable trigger all"];
  const bend = async (sql: string) =>
    (await books.within([...open, sql], (inside) => verifyBooks(inside))).findings.join("\n");
  assert.match(
    await bend("update fee_return set entry_id = entry_id || '0' where period = (select min(period) from fee_return)"),
    /takes back .*, it should be/,
  );
  assert.match(await bend("delete from fee_return"), /takes back nothing, it should be/);
  assert.match(
    await bend("update posting set amount_minor = amount_minor + 1 where kind = 'fee-reversal'"),
    /amount is \d+, it should be/,
  );
});
