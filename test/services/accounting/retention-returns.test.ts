/** Money that came back (fees of cancelled tasks, payouts) is verified also where the log was shortened between paying and returning. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { v7 as uuidv7 } from "uuid";
import { homesOf } from "../../../src/app/homes.ts";
import { shortenLogs } from "../../../src/app/retention.ts";
import { taskUpdatedV2 } from "../../../src/contracts/tasks/task.updated.v2.ts";
import { discard } from "../../../src/platform/dead-letters.ts";
import { payoutCommands } from "../../../src/services/accounting/commands/move-payouts.ts";
import { verifyBooks } from "../../../src/services/accounting/verify.ts";
import { type Books, openBooks } from "./books.ts";
import { type Company, company, playDay } from "./company.ts";

let books: Books;
let team: Company;
const people = Array.from({ length: 5 }, () => randomUUID());
const [first, second] = [randomUUID(), randomUUID()];
before(async () => {
  books = await openBooks({ segmentSize: 8 });
  team = company(books);
  await team.found();
  const cancelledNextDay = await team.create(first);
  const cancelledLate = await team.create(second);
  const [openAgain, openAgainLate] = [await finishedAndOpenAgain(first), await finishedAndOpenAgain(second)];
  await endDay();
  await team.change(cancelledNextDay, first, "cancelled");
  await team.change(openAgain, first, "cancelled");
  await giveBack(1, 0);
  for (let day = 2; day <= 5; day++) await endDay();
  await playDay(team, people, 10);
  await team.change(cancelledLate, second, "cancelled");
  await team.change(openAgainLate, second, "cancelled");
  await giveBack(1, 1);
  await giveBack(5, 0);
  await books.settle();
  await books.owner("update tasks.log set logged_at = logged_at - interval '31 days'");
  await books.owner("update accounting.log set logged_at = logged_at - interval '31 days'");
});
after(() => books?.stop());

async function endDay(): Promise<void> {
  await playDay(team, people, 60);
  await team.end();
  await books.settle();
}

/** A task that is open again although the event that said so could not be booked, and was given up: its fee stands. */
async function finishedAndOpenAgain(userId: string): Promise<string> {
  const taskId = await team.create(userId);
  await team.change(taskId, userId, "done");
  const data = { taskId, title: "x", jiraId: null, assigneeId: null, isDone: false, change: "reopened" as const };
  await books.say((emit) => emit(taskUpdatedV2, data, { period: team.period() }));
  await books.settle();
  const [letter] = await books.owner<{ id: string }>("select id from dead_letter where key = $1", [taskId]);
  for (const by of ["user:a", "user:b"])
    await discard(books.role, letter?.id ?? assert.fail("it was booked"), by, "of nobody", () => true);
  return taskId;
}

/** An accountant says that the payout of a closed period, the n-th of its popugs, did not arrive. */
async function giveBack(period: number, n: number): Promise<void> {
  const paid = await books.owner<{ userId: string }>(
    `select user_id as "userId" from statement where period = $1 and payout_minor > 0 order by user_id`,
    [period],
  );
  const userId = paid[n]?.userId ?? assert.fail(`period ${period} has ${paid.length} payouts`);
  const fail = payoutCommands.find(({ operationId }) => operationId === "markPayoutFailed") ?? assert.fail();
  const actor = { userId: randomUUID(), login: "accountant", name: "Accountant", roles: ["accountant"] };
  const correlationId = uuidv7();
  const origin = { correlationId, actor: `user:${actor.userId}` as const, command: "payout.fail", traceparent: null };
  await books.accounting.transact(origin, async (ctx) => {
    assert(fail.kind === "command");
    const request = { params: { period, userId }, query: {}, body: { reason: "the account is closed" } };
    await fail.handle({ ...ctx, actor, correlationId }, request);
  });
}

const returnsOf = (kind: string) =>
  books.owner<{ period: number; count: number }>(
    "select period, count(*) as count from posting where kind = $1 group by period order by period",
    [kind],
  );
/** What an owner can do who switches the rules of the tables off. */
const byHand = (statement: string) =>
  books.owner(`do $$ begin perform set_config('session_replication_role', 'replica', true); ${statement}; end $$`);

test("cancelled tasks and returned payouts, before the beginning of the logs, across it and behind it, verify clean", async () => {
  const { dropped, kept } = await shortenLogs(
    homesOf(books.services, () => books.installation.admin, books.installation),
    30,
  );
  assert(dropped.includes("tasks 0") && dropped.includes("accounting 0"), `${dropped}, ${kept.join("; ")}`);
  const { findings, periods } = await verifyBooks(books.owner);
  assert.deepEqual(findings, []);
  const booked = periods.filter(({ fromEvents }) => !fromEvents).map(({ number }) => number);
  assert(booked.includes(1) && booked.includes(2) && !booked.includes(6), `${booked}`);
  for (const kind of ["fee-reversal", "payout-return"]) {
    const periodsOfKind = (await returnsOf(kind)).map(({ period }) => period);
    assert(periodsOfKind.includes(2) && periodsOfKind.includes(6), `${kind}: ${periodsOfKind}`);
  }
});

test("a return whose event is gone is held against what it takes back", async () => {
  const which = "kind = 'fee-reversal' and period = 2";
  const place = `ctid = (select ctid from posting where ${which} order by partition, position limit 1) and ${which}`;
  const cases: [change: string, undo: string, found: RegExp][] = [
    [
      `update posting set amount_minor = amount_minor + 1 where ${place}`,
      `update posting set amount_minor = amount_minor - 1 where ${place}`,
      /posting 2-tasks-\S+: amount is \d+, it should be \d+/,
    ],
    [
      "update fee_return set entry_id = entry_id || 'x' where period = 2",
      "update fee_return set entry_id = rtrim(entry_id, 'x') where period = 2",
      /posting 2-tasks-\S+ takes back \S+x, it should be 1-tasks-/,
    ],
    [
      "update posting set kind = 'payout-return' where period = 1 and kind = 'reward' and source = 'tasks'",
      "update posting set kind = 'reward' where period = 1 and kind = 'payout-return' and source = 'tasks'",
      /no payout-return was to be booked there/,
    ],
  ];
  for (const [change, undo, found] of cases) {
    await byHand(change);
    const { findings } = await verifyBooks(books.owner);
    await byHand(undo);
    assert.match(findings.join("\n"), found, change);
  }
  assert.deepEqual((await verifyBooks(books.owner)).findings, []);
});
