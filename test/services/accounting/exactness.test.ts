import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { taskUpdatedV2 } from "../../../src/contracts/tasks/task.updated.v2.ts";
import { requestRedrive } from "../../../src/platform/dead-letters.ts";
import { closeBooks } from "../../../src/services/accounting/close.ts";
import { refillPrices } from "../../../src/services/accounting/refill/prices.ts";
import { verifyBooks } from "../../../src/services/accounting/verify.ts";
import { type Books, copyEvents, openBooks } from "./books.ts";
import { bringBalances, decideAgain, giveUpDebt } from "./by-people.ts";
import { company, playDay } from "./company.ts";

let original: Books;
before(async () => {
  original = await openBooks();
  const team = company(original);
  await team.found();
  const people = Array.from({ length: 6 }, () => randomUUID());
  for (let day = 1; day <= 3; day++) {
    await playDay(team, people, 60);
    await original.settle();
    if (day === 1) await bringBalances(original);
    if (day === 2) await giveUpDebt(original, people[0] as string);
    team.set(settingsOf(day));
    await team.end();
  }
  await original.settle();
});
after(() => original?.stop());

/** The prices of the day after `day`. */
function settingsOf(day: number) {
  const price = { from: 10 * day, to: 10 * day + 1 };
  return { feeRange: price, rewardRange: price, currency: "USD", timeZone: "Europe/Berlin", closesAt: "00:00" };
}

const results = async (books: Books) => ({
  closings: await books.owner(
    `select period, fees_minor, rewards_minor, paid_out_minor, carried_minor, entry_count, statements_hash, seal
       from closing order by period`,
  ),
  statements: await books.owner(
    `select period, user_id, opening_minor, credits_minor, debits_minor, payout_minor, closing_minor
       from statement order by period, user_id`,
  ),
  heads: await books.owner("select period, source, partition, head, lines from block_head order by 1, 2, 3"),
  postings: await books.owner(
    `select period, source, partition, position, leg, kind, amount_minor, user_id, task_id, occurred_at
       from posting order by period, source, partition, position`,
  ),
});

async function replayed(batchSize: number, work: (books: Books) => Promise<void> = (books) => books.settle()) {
  const books = await openBooks({ batchSize });
  try {
    await copyEvents(original, books);
    assert.equal(await refillPrices(original.owner, books.role), 180);
    assert.equal(await refillPrices(original.owner, books.role), 0);
    await decideAgain(original, books);
    await work(books);
    const letters = await books.owner("select reason from dead_letter");
    assert.deepEqual(letters, []);
    return await results(books);
  } finally {
    await books.stop();
  }
}

test("a replay into empty books, with the prices from accounting's own log and what people decided, gives the same postings, statements and seals", async () => {
  const { closings, postings } = await results(original);
  assert.equal(closings.length, 3);
  const kinds = new Set(postings.map(({ kind }) => kind));
  for (const kind of ["fee-reversal", "opening", "opening-debt", "write-off"]) assert(kinds.has(kind), kind);
  assert.deepEqual(await replayed(1_000), await results(original));
});

test("the result does not depend on the size of the batches", async () => {
  const expected = await results(original);
  for (const size of [1, 37, 5_000]) assert.deepEqual(await replayed(size), expected, `batches of ${size}`);
});

test("the result does not depend on which partition comes first, nor on when closes run in between", async () => {
  const expected = await results(original);
  for (let seed = 1; seed <= 5; seed++) {
    const schedule = async (books: Books) => {
      await inRandomOrder(books, seed);
      await books.settle();
    };
    assert.deepEqual(await replayed(16, schedule), expected, `seed ${seed}`);
  }
});

test("a close in portions, as of more than a million accounts, makes the same statements, payouts and seals, and says the same", async () => {
  const said = (books: Books) =>
    books.owner(
      `select type, partition, period, data from accounting.log
        where type in ('statement.issued', 'payout.requested') order by type, partition, position`,
    );
  let inPortions: unknown;
  const schedule = async (books: Books) => {
    const book = books.accounting.parts.get("consumer:on-task");
    while (((await book?.()) ?? 0) > 0);
    for (const number of [1, 2, 3]) {
      await books.accounting.tools.transact("billing.close", "system:close", (ctx) => closeBooks(ctx, number, 1));
    }
    await books.settle();
    inPortions = await said(books);
  };
  assert.deepEqual(await replayed(1_000, schedule), await results(original));
  assert.deepEqual(inPortions, await said(original));
});

test("an event that is booked behind later ones, out of the dead letters, leaves no trace in the seal", async () => {
  const books = await openBooks();
  try {
    const team = company(books);
    await team.found();
    const people = Array.from({ length: 3 }, () => randomUUID());
    const taskId = await team.create(people[0] as string);
    const data = { taskId, title: "x", jiraId: null, assigneeId: null, isDone: false, change: "assigned" as const };
    await books.say((emit) => emit(taskUpdatedV2, data, { period: 1 }));
    await playDay(team, people, 60);
    await books.settle();
    const [letter] = await books.owner<{ id: string }>("select id from dead_letter");
    assert(letter);
    await requestRedrive(books.role, letter.id, "user:a", { ...data, assigneeId: people[1] });
    await books.settle();
    const [dirty] = await books.owner<{ n: number }>("select count(*) as n from block_head where dirty");
    assert.equal(dirty?.n, 1);
    await team.end();
    await books.settle();
    const [period] = await books.owner<{ ok: boolean }>("select ok from close_check where period = 1");
    assert.equal(period?.ok, true);
    assert.deepEqual((await verifyBooks(books.owner)).findings, []);
  } finally {
    await books.stop();
  }
});

test("prices that were not kept are drawn anew, and the seals differ: a replay without them is no proof", async () => {
  const books = await openBooks();
  try {
    await copyEvents(original, books);
    await decideAgain(original, books);
    await books.settle();
    const seals = (rows: Record<string, unknown>[]) => rows.map((row) => row["seal"]);
    assert.notDeepEqual(seals((await results(books)).closings), seals((await results(original)).closings));
    assert.deepEqual((await verifyBooks(books.owner)).findings, []);
  } finally {
    await books.stop();
  }
});

/** Lets partitions move one at a time, in a seeded order, with sequencer, close and check in between. */
async function inRandomOrder(books: Books, seed: number): Promise<void> {
  let state = seed * 2_654_435_761;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
  const run = (name: string) => books.accounting.parts.get(name)?.();
  const lanes = books.lanes();
  for (let step = 0; step < 300; step++) {
    await lanes[random(16)]?.();
    if (random(4) === 0)
      await run(["job:close", "sequencer", "job:check", "consumer:on-billing-closed"][random(4)] as string);
  }
}
