import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { countArrivals, type EntryPosted, sumEntries } from "../../../src/services/analytics/batch.ts";
import { spanAround } from "../../../src/services/analytics/span.ts";
import { entry } from "../notifications/books.ts";

const posted = (period: number, businessDate: string, entries: ReturnType<typeof entry>[], partition = 0) =>
  ({
    id: "00000000-0000-7000-8000-0000ffffffff",
    type: "entry.posted",
    period,
    partition,
    time: new Date("2026-03-02T10:00:00Z"),
    data: { period, businessDate, currency: "USD", entries },
  }) as EntryPosted;

test("a task that is done, reopened and done again in one batch was finished once, by the last popug", () => {
  const [first, second, taskId] = [randomUUID(), randomUUID(), randomUUID()];
  const { completions, days, balances } = sumEntries([
    posted(1, "2026-03-02", [entry(first, "reward", 3000, { taskId })]),
    posted(1, "2026-03-02", [
      entry(first, "reward-reversal", -3000, { taskId }),
      entry(second, "fee", -1000, { taskId }),
      entry(second, "reward", 3000, { taskId, occurredAt: "2026-03-02T11:00:00.000Z" }),
    ]),
  ]);
  assert.deepEqual(completions, [
    {
      businessDate: "2026-03-02",
      taskId,
      net: 1,
      rewardMinor: 3000,
      userId: second,
      completedAt: "2026-03-02T11:00:00.000Z",
    },
  ]);
  assert.deepEqual([days[0]?.feesMinor, days[0]?.rewardsMinor, days[0]?.doneCount], [1000, 3000, 1]);
  assert.deepEqual(
    new Map(balances.map((b) => [b.userId, b.changeMinor])),
    new Map([
      [first, 0],
      [second, 2000],
    ]),
  );
});

test("a thousand events of forty entries become one row per day and popug", () => {
  const userId = randomUUID();
  const events = Array.from({ length: 1000 }, () =>
    posted(
      1,
      "2026-03-02",
      Array.from({ length: 40 }, () => entry(userId, "fee", -1000)),
    ),
  );
  const sums = sumEntries(events);
  assert.deepEqual([sums.days.length, sums.balances.length, sums.completions.length], [1, 1, 0]);
  assert.equal(sums.balances[0]?.changeMinor, -40_000_000);
});

test("intake is counted per period and partition, with the checksum of barriers", () => {
  assert.deepEqual(
    countArrivals([posted(1, "2026-03-02", [], 4), posted(1, "2026-03-02", [], 4), posted(2, "2026-03-03", [], 1)]),
    [
      { period: 1, partition: 4, type: "entry.posted", count: 2, checksum: 2 * 0xffffffff },
      { period: 2, partition: 1, type: "entry.posted", count: 1, checksum: 0xffffffff },
    ],
  );
});

test("weeks are ISO weeks, over the ends of months and years; months have their own length", () => {
  assert.deepEqual(spanAround("week", "2027-01-01"), { from: "2026-12-28", to: "2027-01-03" });
  assert.deepEqual(spanAround("week", "2026-03-09"), { from: "2026-03-09", to: "2026-03-15" });
  assert.deepEqual(spanAround("week", "2026-03-15"), { from: "2026-03-09", to: "2026-03-15" });
  assert.deepEqual(spanAround("month", "2028-02-10"), { from: "2028-02-01", to: "2028-02-29" });
  assert.throws(() => spanAround("day", "2026-02-29"), { code: "no-such-day" });
});
