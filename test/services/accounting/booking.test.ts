import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { v7 as uuidv7 } from "uuid";
import { userCreatedV1 } from "../../../src/contracts/auth/user.created.v1.ts";
import { taskCreatedV1 } from "../../../src/contracts/tasks/task.created.v1.ts";
import { taskUpdatedV2 } from "../../../src/contracts/tasks/task.updated.v2.ts";
import { requestRedrive } from "../../../src/platform/dead-letters.ts";
import { findAccount } from "../../../src/services/accounting/account-store.ts";
import { verifyBooks } from "../../../src/services/accounting/verify.ts";
import { type Books, openBooks } from "./books.ts";
import { type Company, company } from "./company.ts";

let books: Books;
let team: Company;
before(async () => {
  books = await openBooks();
  team = company(books);
  await team.found();
});
after(() => books?.stop());

const pass = () => {
  const consumer = books.accounting.parts.get("consumer:on-task");
  assert(consumer);
  return consumer();
};
const entriesOf = (taskId: string) =>
  books.owner<{ kind: string; amount: number; user: string }>(
    `select kind, amount_minor as amount, user_id as user from posting where task_id = $1 order by position, leg`,
    [taskId],
  );
const priceOf = async (taskId: string) => {
  const [price] = await books.owner<{ fee: number; reward: number }>(
    "select fee_minor as fee, reward_minor as reward from price where task_id = $1",
    [taskId],
  );
  assert(price);
  return price;
};
const letterOf = async (taskId: string) => {
  const [letter] = await books.owner<{ id: string; status: string; reason: string }>(
    "select id, status, reason from dead_letter where key = $1 order by position limit 1",
    [taskId],
  );
  return letter;
};

test("fee and reward are drawn once, within the ranges, and every later change of the task uses them", async () => {
  const [first, second] = [randomUUID(), randomUUID()];
  const taskId = await team.create(first);
  await team.change(taskId, second, "assigned");
  await team.change(taskId, second, "done");
  await team.change(taskId, second, "reopened");
  await team.change(taskId, second, "edited");
  await books.settle();
  const { fee, reward } = await priceOf(taskId);
  assert(fee >= 1_000 && fee <= 2_000 && fee % 100 === 0);
  assert(reward >= 2_000 && reward <= 4_000 && reward % 100 === 0);
  assert.deepEqual(await entriesOf(taskId), [
    { kind: "fee", amount: fee, user: first },
    { kind: "fee", amount: fee, user: second },
    { kind: "reward", amount: reward, user: second },
    { kind: "reward-reversal", amount: reward, user: second },
  ]);
  assert.equal((await findAccount(books.role, second))?.balanceMinor, -fee);
});

test("two copies that meet the same events at once book them once", async () => {
  const popug = randomUUID();
  const tasks = await Promise.all(Array.from({ length: 40 }, () => team.create(popug)));
  await books.log();
  const rival = await openRival();
  await Promise.allSettled([pass(), rival.pass(), pass(), rival.pass()]);
  await books.settle();
  await rival.stop();
  const [sum] = await books.owner<{ lines: number }>("select count(*) as lines from posting where task_id = any($1)", [
    tasks,
  ]);
  assert.equal(sum?.lines, 40);
  assert.equal((await books.owner("select 1 from dead_letter where key = any($1)", [tasks])).length, 0);
});

test("a crash between the effects and their commit leaves nothing behind, and the next try books once", async () => {
  const popug = randomUUID();
  const taskId = await team.create(popug);
  await books.log();
  await books.owner(`create function crash() returns trigger language plpgsql as
    $$ begin raise exception 'pulled the plug' using errcode = '57P01'; end $$`);
  await books.owner(`create constraint trigger crash after insert on intake deferrable initially deferred
    for each row execute function crash()`);
  await books.owner(`create constraint trigger crash2 after update on intake deferrable initially deferred
    for each row execute function crash()`);
  await assert.rejects(pass(), /pulled the plug/);
  assert.deepEqual(await entriesOf(taskId), []);
  assert.equal(await findAccount(books.role, popug), undefined);
  await books.owner("drop function crash cascade");
  await books.settle();
  assert.equal((await entriesOf(taskId)).length, 1);
  assert.equal(await letterOf(taskId), undefined);
});

test("a cursor that was set back doubles no money: the key of each posting refuses the second one", async () => {
  const taskId = await team.create(randomUUID());
  await books.settle();
  const [event] = await books.owner<{ partition: number; position: number }>(
    "select partition, position from posting where task_id = $1",
    [taskId],
  );
  assert(event);
  const other = await openRival();
  await books.owner("update cursor set position = $2 where consumer = 'on-task' and partition = $1", [
    event.partition,
    event.position - 1,
  ]);
  while ((await other.pass()) > 0);
  await other.stop();
  assert.equal((await entriesOf(taskId)).length, 1);
  const letter = await letterOf(taskId);
  assert.match(letter?.reason ?? "", /duplicate key/);
  await books.owner("delete from dead_letter where key = $1", [taskId]);
  // The books' own copy finds the cursor where it left it.
  await books.settle();
});

test("an event behind the barrier of its period is never booked", async () => {
  const popug = randomUUID();
  const taskId = await team.create(popug);
  await team.end();
  await team.change(taskId, popug, "done", 1);
  await team.change(taskId, popug, "done", 2);
  await books.settle();
  assert.deepEqual(
    (await entriesOf(taskId)).map(({ kind }) => kind),
    ["fee"],
  );
  const letter = await letterOf(taskId);
  assert.equal(letter?.status, "dead");
  assert.match(letter?.reason ?? "", /behind its barrier/);
});

test("an event of a period that has not begun is never booked", async () => {
  const popug = randomUUID();
  const taskId = await team.create(popug);
  await team.change(taskId, popug, "done", 4);
  await books.settle();
  assert.match((await letterOf(taskId))?.reason ?? "", /before its beginning/);
});

test("what cannot be booked holds back its own task only, and is booked in order after a redrive", async () => {
  const [popug, other] = [randomUUID(), randomUUID()];
  const taskId = await team.create(popug);
  const nobody = { taskId, title: "x", jiraId: null, assigneeId: null, isDone: false, change: "assigned" as const };
  await books.say((emit) => emit(taskUpdatedV2, nobody, { period: team.period() }));
  await team.change(taskId, popug, "done");
  const free = await team.create(other);
  await books.settle();
  assert.deepEqual(
    (await entriesOf(taskId)).map(({ kind }) => kind),
    ["fee"],
  );
  assert.equal((await entriesOf(free)).length, 1);
  const letter = await letterOf(taskId);
  assert(letter);
  await requestRedrive(books.role, letter.id, "user:accountant", { ...nobody, assigneeId: other });
  await books.settle();
  assert.deepEqual(
    (await entriesOf(taskId)).map(({ kind, user }) => [kind, user]),
    [
      ["fee", popug],
      ["fee", other],
      ["reward", popug],
    ],
  );
});

test("a popug has an account by the first posting or by the news of them, whichever comes first", async () => {
  const [byTask, byNews] = [randomUUID(), randomUUID()];
  await team.create(byTask);
  const news = (userId: string, name: string) =>
    books.sayUser((emit) =>
      emit(userCreatedV1, {
        ...{ userId, login: name, name, email: "", roles: ["worker"], language: "en", status: "active", version: 1 },
        validFrom: "2026-01-01T00:00:00.000Z",
      }),
    );
  await news(byNews, "News");
  await books.settle();
  assert.equal((await findAccount(books.role, byNews))?.balanceMinor, 0);
  assert.equal((await findAccount(books.role, byTask))?.name, "");
  await news(byTask, "Late");
  await news(byNews, "News");
  await books.settle();
  assert.equal((await findAccount(books.role, byTask))?.name, "Late");
  const [count] = await books.owner<{ n: number }>("select count(*) as n from account where user_id = any($1)", [
    [byTask, byNews],
  ]);
  assert.equal(count?.n, 2);
});

test("a task that was announced in the first version of its event is priced, and named without the bracketed id", async () => {
  const taskId = uuidv7();
  const first = {
    taskId,
    number: 1,
    title: "[POPUG-42] - Fix the cage",
    description: "",
    status: "in_progress" as const,
  };
  await books.say((emit) => emit(taskCreatedV1, first, { period: team.period() }));
  await books.settle();
  await priceOf(taskId);
  const rows = await books.owner("select title, jira_id from task where task_id = $1", [taskId]);
  assert.deepEqual(rows, [{ title: "Fix the cage", jira_id: "POPUG-42" }]);
});

test("after all of that the books are what the logs say, but for the two events that tasks must never send", async () => {
  await books.settle();
  const { findings } = await verifyBooks(books.owner);
  const misplaced = findings.filter((text) => /carries period [14]$|its barrier says/.test(text));
  assert.deepEqual(findings, misplaced);
});

/** Another copy of accounting's task consumer, on the same database. */
async function openRival() {
  const rival = await books.another();
  const rivalPass = rival.parts.get("consumer:on-task");
  assert(rivalPass);
  return { pass: rivalPass, stop: rival.stop };
}
