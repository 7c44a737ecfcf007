import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assertFigures, firstThatFit, partitionsAtOnce } from "../../../src/services/accounting/close-rules.ts";
import { entryIdOf, parseEntryId } from "../../../src/services/accounting/entry.ts";
import { houseAccount, postingsOf } from "../../../src/services/accounting/ledger.ts";
import { minorPerUnit } from "../../../src/services/accounting/money.ts";
import { labelOf, type Progress, statusOf, waitingFor } from "../../../src/services/accounting/period.ts";
import { drawPrice } from "../../../src/services/accounting/price.ts";
import { EMPTY_HEAD, sealOf } from "../../../src/services/accounting/seal.ts";
import { Refusal } from "../../../src/platform/refusal.ts";

const price = { feeMinor: 1_500, rewardMinor: 3_000 };
const task = { taskId: "t", title: "Fix the cage", jiraId: null, assigneeId: "popug", isDone: false };

test("an assignment costs the fee, a completion pays the reward, a reopening takes that reward back, an edit is no money", () => {
  const bookings = (["assigned", "done", "reopened", "edited"] as const).map((change) =>
    postingsOf({ ...task, change }, price).map((p) => [p.kind, p.popugIs, p.house, p.amountMinor]),
  );
  assert.deepEqual(bookings, [
    [["fee", "debit", "fee-income", 1_500]],
    [["reward", "credit", "reward-expense", 3_000]],
    [["reward-reversal", "debit", "reward-expense", 3_000]],
    [],
  ]);
});

test("a cancellation gives back the fee that the books hold for the assignment, and nothing when they hold none", () => {
  const event = { taskId: "t", title: "x", jiraId: null, assigneeId: "u", isDone: false, change: "cancelled" as const };
  const price = { feeMinor: 1_500, rewardMinor: 2_500 };
  assert.deepEqual(postingsOf(event, price, { entryId: "1-correction-0-3-1-1", amountMinor: 900 }), [
    {
      ...{ leg: 0, kind: "fee-reversal", userId: "u", house: "fee-income", popugIs: "credit", amountMinor: 900 },
      reverses: "1-correction-0-3-1-1",
    },
  ]);
  assert.deepEqual(postingsOf(event, price), []);
  assert.deepEqual(postingsOf(event, price, { entryId: "1-correction-0-3-1-1", amountMinor: 0 }), []);
});

test("a task that waits unassigned cannot be charged to anybody", () => {
  assert.throws(() => postingsOf({ ...task, assigneeId: null, change: "assigned" }, price), /to nobody/);
  assert.deepEqual(postingsOf({ ...task, assigneeId: null, change: "edited" }, price), []);
});

test("a price of zero is no posting", () => {
  assert.deepEqual(postingsOf({ ...task, change: "assigned" }, { feeMinor: 0, rewardMinor: 1 }), []);
});

test("prices are whole units within both bounds, and both bounds are drawn", () => {
  const settings = { currency: "USD", feeRange: { from: 10, to: 12 }, rewardRange: { from: 20, to: 20 } };
  const fees = new Set(Array.from({ length: 300 }, () => drawPrice(settings).feeMinor));
  assert.deepEqual([...fees].sort(), [1_000, 1_100, 1_200]);
  assert.equal(drawPrice(settings).rewardMinor, 2_000);
});

test("minor units follow the currency", () => {
  assert.deepEqual(["USD", "JPY", "KWD"].map(minorPerUnit), [100, 1, 1_000]);
});

test("slices of house accounts never share an id", () => {
  const names = ["fee-income", "reward-expense", "payout-clearing", "suspense"] as const;
  const ids = names.flatMap((name) => Array.from({ length: 16 }, (_, partition) => houseAccount(name, partition)));
  assert.equal(new Set(ids).size, 64);
});

test("the further parts of a day are numbered", () => {
  assert.deepEqual([labelOf("2026-11-22", 1), labelOf("2026-11-22", 2)], ["2026-11-22", "2026-11-22/2"]);
});

test("a period is closing from its first barrier until its books are closed", () => {
  assert.equal(statusOf({ closedAt: null, barriers: 0 }), "open");
  assert.equal(statusOf({ closedAt: null, barriers: 1 }), "closing");
  assert.equal(statusOf({ closedAt: new Date(0), barriers: 16 }), "closed");
});

const ready = (): Progress => ({
  number: 3,
  previousClosed: true,
  partitions: [{ partition: 7, barrierSeen: true, behind: 5, deadLetters: 0 }],
  mismatches: [],
});

test("a period whose barriers are met, with nothing open and totals that agree, waits for nothing", () => {
  assert.deepEqual(waitingFor(ready()), []);
  assert.deepEqual(waitingFor({ ...ready(), number: 1, previousClosed: null }), []);
});

test("what a closing period waits for is said exactly", () => {
  const texts = (progress: Partial<Progress>) => waitingFor({ ...ready(), ...progress }).map(({ text }) => text);
  const partition = (more: object) => ({
    partitions: [{ partition: 7, barrierSeen: false, behind: 0, deadLetters: 0, ...more }],
  });
  assert.deepEqual(texts(partition({ behind: 12 })), ["partition 7: 12 events behind"]);
  assert.deepEqual(texts(partition({ behind: 1 })), ["partition 7: 1 event behind"]);
  assert.deepEqual(texts(partition({})), ["partition 7: its end has not arrived yet"]);
  assert.deepEqual(texts(partition({ barrierSeen: true, deadLetters: 1 })), ["1 dead letter in partition 7"]);
  assert.deepEqual(texts({ previousClosed: false }), ["period 2 is not closed yet"]);
  assert.deepEqual(texts({ mismatches: [{ partition: 2, type: "task.updated", booked: 4, expected: 5 }] }), [
    "partition 2: 4 of 5 task.updated by the control totals",
  ]);
});

test("an entry id leads back to its posting; any other text is refused", () => {
  fc.assert(
    fc.property(
      fc.nat(1e6),
      fc.nat(1e3),
      fc.nat(15),
      fc.nat(1e12),
      fc.nat(9),
      (period, epoch, partition, position, leg) => {
        const key = { period, source: "tasks", epoch, partition, position, leg };
        assert.deepEqual(parseEntryId(entryIdOf(key)), key);
      },
    ),
  );
  for (const text of ["", "1", "1-tasks-1-16-1-0", "1-TASKS-1-1-1-0", "1-tasks-1-1-1-0'", "x-tasks-1-1-1-0"]) {
    assert.throws(() => parseEntryId(text), Refusal);
  }
});

test("the seal does not depend on the order in which heads are read, nor on partitions without postings", () => {
  const heads = [
    { partition: 1, head: "a".repeat(64), lines: 3 },
    { partition: 0, head: "b".repeat(64), lines: 1 },
  ];
  const seal = sealOf(EMPTY_HEAD, "2026-11-22", heads, "c".repeat(64));
  assert.equal(sealOf(EMPTY_HEAD, "2026-11-22", heads.toReversed(), "c".repeat(64)), seal);
  const empty = { partition: 5, head: EMPTY_HEAD, lines: 0 };
  assert.equal(sealOf(EMPTY_HEAD, "2026-11-22", [...heads, empty], "c".repeat(64)), seal);
  assert.notEqual(sealOf(seal, "2026-11-22", heads, "c".repeat(64)), seal);
});

test("of what people decided not to book, as much is said as an event has room for", () => {
  const one = { type: "task.updated", key: "k", eventId: "e", reason: "й".repeat(1_000), by: ["a", "b"] };
  assert.equal(firstThatFit([one, one]).length, 2);
  const many = firstThatFit(Array.from({ length: 200 }, () => one));
  assert(many.length > 5 && Buffer.byteLength(JSON.stringify(many)) < 25 * 1024, `${many.length}`);
});

test("books that do not agree with themselves cannot be closed", () => {
  const fits = {
    ...{
      movedDebitsMinor: 30,
      movedCreditsMinor: 30,
      feesMinor: 10,
      rewardsMinor: 20,
      accountCount: 1,
      openingsMinor: -4,
    },
    ...{ creditsMinor: 25, debitsMinor: 10, payoutsMinor: 11, closingsMinor: 0, payoutCount: 1, negativeCount: 0 },
    ...{ returnedMinor: 3, openedMinor: 0, writtenOffMinor: 2 },
    ...{ statementsHash: "", paidCount: 1, paidMinor: 11, previousClosingsMinor: -4, lineCount: 2, discardedCount: 0 },
  };
  assertFigures(1, fits);
  for (const field of [
    "movedDebitsMinor",
    "feesMinor",
    "openingsMinor",
    "returnedMinor",
    "writtenOffMinor",
    "closingsMinor",
    "paidMinor",
    "paidCount",
  ] as const) {
    assert.throws(() => assertFigures(1, { ...fits, [field]: fits[field] + 1 }), /cannot be closed/, field);
  }
});

test("up to a million accounts are closed at once; more in as few portions of partitions as keep below it, each partition in one", () => {
  assert.equal(partitionsAtOnce(1_000_000, 1_000_000).length, 1);
  assert.deepEqual(
    partitionsAtOnce(1_000_001, 1_000_000).map(({ length }) => length),
    [8, 8],
  );
  assert.equal(partitionsAtOnce(900_000_000, 1_000_000).length, 16);
  for (const accounts of [0, 1, 5, 17, 40]) {
    assert.deepEqual(
      partitionsAtOnce(accounts, 3).flat(),
      Array.from({ length: 16 }, (_, n) => n),
    );
  }
});
