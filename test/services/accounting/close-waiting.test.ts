import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, test } from "node:test";
import { taskUpdatedV2 } from "../../../src/contracts/tasks/task.updated.v2.ts";
import { discard, requestRedrive } from "../../../src/platform/dead-letters.ts";
import { findAccount } from "../../../src/services/accounting/account-store.ts";
import { closeBooks } from "../../../src/services/accounting/close.ts";
import { waitingFor } from "../../../src/services/accounting/period.ts";
import { showPeriods } from "../../../src/services/accounting/queries/periods.ts";
import { findPeriod, loadProgress } from "../../../src/services/accounting/period-store.ts";
import { verifyBooks } from "../../../src/services/accounting/verify.ts";
import { type Books, openBooks } from "./books.ts";
import { type Company, company, playDay } from "./company.ts";

let books: Books;
let team: Company;
beforeEach(async () => {
  books = await openBooks();
  team = company(books);
  await team.found();
});
afterEach(() => books.stop());

const isClosed = async (period: number) => (await findPeriod(books.role, period))?.closedAt !== null;
const waits = async (period: number) =>
  waitingFor(await loadProgress(books.role, period, await books.accounting.heads("tasks"))).map(({ text }) => text);
const assertVerified = async () => assert.deepEqual((await verifyBooks(books.owner)).findings, []);
const close = (number: number) =>
  books.accounting.tools.transact("billing.close", "system:close", (ctx) => closeBooks(ctx, number));
/** An assignment that names nobody: it becomes a dead letter. */
const poison = async (taskId: string) => {
  const data = { taskId, title: "x", jiraId: null, assigneeId: null, isDone: false, change: "assigned" as const };
  await books.say((emit) => emit(taskUpdatedV2, data, { period: team.period() }));
  return data;
};
const letter = async (taskId: string) => {
  const [row] = await books.owner<{ id: string }>(
    "select id from dead_letter where key = $1 order by position limit 1",
    [taskId],
  );
  assert(row);
  return row.id;
};

test("a period does not close before each partition has ended it and been booked", async () => {
  await playDay(team, [randomUUID(), randomUUID()], 40);
  await team.end();
  assert.deepEqual(
    await waits(1),
    Array.from({ length: 16 }, (_, p) => `partition ${p}: its end has not arrived yet`),
  );
  await books.log();
  assert.equal((await waits(1)).length, 16);
  assert.match((await waits(1))[0] ?? "", /^partition 0: \d+ events? behind$/);
  assert.equal(await close(1), false);
  await books.settle();
  assert.equal(await isClosed(1), true);
});

test("a dead letter holds its period back and is named, while the next period goes on; mended, both close in order", async () => {
  const popug = randomUUID();
  const taskId = await team.create(popug);
  const data = await poison(taskId);
  await team.end();
  const other = await team.create(popug);
  await team.change(other, popug, "done");
  await team.end();
  await books.settle();
  assert.equal(await isClosed(1), false);
  assert.match((await waits(1)).join(), /^1 dead letter in partition \d+$/);
  assert.deepEqual(await waits(2), ["period 1 is not closed yet"]);
  assert.equal((await findAccount(books.role, popug))?.creditsMinor !== 0, true);
  await requestRedrive(books.role, await letter(taskId), "user:a", { ...data, assigneeId: popug });
  await books.settle();
  assert.equal((await isClosed(1)) && (await isClosed(2)), true);
  await assertVerified();
});

test("an event that two people gave up lets the period close, and stands in its totals", async () => {
  const taskId = await team.create(randomUUID());
  await poison(taskId);
  await team.end();
  await books.settle();
  const id = await letter(taskId);
  assert.equal(await discard(books.role, id, "user:a", "nobody was meant", () => true), false);
  await books.settle();
  assert.equal(await isClosed(1), false);
  assert.equal(await discard(books.role, id, "user:b", "agreed", () => true), true);
  await books.settle();
  const [closing] = await books.owner("select discarded_count from closing where period = 1");
  assert.deepEqual(closing, { discarded_count: 1 });
  const said = await books.owner<{ said: unknown }>(
    "select distinct data->'discarded' as said from log where type = 'billing.closed' and period = 1",
  );
  const [event] = await books.owner<{ id: string }>("select event_id as id from dead_letter where id = $1", [id]);
  const expected = {
    ...{ type: "task.updated", key: taskId, eventId: event?.id },
    ...{ reason: "nobody was meant; agreed", by: ["user:a", "user:b"] },
  };
  assert.deepEqual(said, [{ said: [expected] }]);
  const [shown] = await showPeriods({ sql: books.role, heads: books.accounting.heads }, [
    (await findPeriod(books.role, 1)) ?? assert.fail(),
  ]);
  assert.deepEqual(shown?.discarded, [expected]);
  await assertVerified();
});

test("where the counts of source and books differ, even with equal numbers of events, the period stays closing", async () => {
  const popug = randomUUID();
  await team.create(popug);
  await books.settle();
  await books.owner("update intake set checksum = checksum + 1 where type = 'task.updated'");
  await team.end();
  await books.settle();
  assert.equal(await isClosed(1), false);
  assert.match((await waits(1)).join(), /1 of 1 task.updated by the control totals/);
  await books.owner("update intake set checksum = checksum - 1 where type = 'task.updated'");
  await books.settle();
  assert.equal(await isClosed(1), true);
});
