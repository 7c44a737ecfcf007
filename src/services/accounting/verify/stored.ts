/**
 * A period whose events are not all kept any more: computed from what was booked of them. Amounts are held against prices,
 * sides against kind and popug, a fee that came back against the one that was taken; balances, statements, payouts, totals and
 * the seal follow as from events, and the seal is chained to those that follow. What cannot be seen is whether an event was booked as it was said.
 */
import { PARTITIONS } from "../../../platform/event.ts";
import type { Sql } from "../../../platform/service.ts";
import type { ClosedPeriod } from "./closed.ts";
import { changeOf, correctedFee, type PresentFees } from "./fees.ts";
import { comparePostings, expectedAgain, type Folded, move } from "./fold.ts";
import { loadPrices } from "./prices.ts";
import { type Accounts, type Letters, loadBarriers, type Shelf, type StoredPosting, storedPostings } from "./read.ts";

/** Prices are looked up for this many postings at once. */
const CHUNK = 1_000;

/** The change of a task that such a posting was booked for. */
const changes: Record<string, string> = {
  ...{ fee: "assigned", reward: "done", "reward-reversal": "reopened", "fee-reversal": "cancelled" },
};

type Ground = { accounts: Accounts; letters: Letters; fees: PresentFees; find: (text: string) => void };

/** Adds what was booked from the events of tasks to the movements; returns what a fold of the events would. */
export async function foldBooked(sql: Sql, shelf: Shelf, { movements, returns }: Folded, ground: Ground) {
  const { number: period } = shelf;
  const heads: ClosedPeriod["heads"][number][] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const compare = comparePostings(sql, shelf, "tasks", partition, ground.find);
    const givenUp = changesGivenUp(ground.letters, period, partition);
    let chunk: StoredPosting[] = [];
    const flush = async () => {
      const prices = await loadPrices(sql, [...new Set(chunk.flatMap(({ taskId }) => taskId ?? []))]);
      for (const posting of chunk) {
        const { kind, userId, occurredAt: at, epoch, position } = posting;
        for (; givenUp[0] !== undefined && givenUp[0].position < position; givenUp.shift())
          ground.fees.booked(givenUp[0].change, undefined);
        const taskId = posting.taskId ?? "";
        const fee = kind === "fee-reversal" ? ground.fees.latest(taskId, userId) : undefined;
        const returned = fee && (await correctedFee(sql, fee));
        const expected = expectedAgain(posting, prices.get(taskId), ground.accounts, returned);
        if (typeof expected === "string") {
          ground.find(`period ${period}, partition ${partition}, position ${posting.position}: ${expected}`);
          continue;
        }
        await compare.expect(expected);
        move(movements, expected, ground.accounts.owners);
        const entryId = [period, "tasks", epoch, partition, position, 0].join("-");
        if (returned !== undefined) returns.set(entryId, returned.entryId);
        const change = changes[kind] ?? kind;
        ground.fees.booked({ taskId, change, userId, period, at }, { entryId, amount: expected.amount });
      }
      chunk = [];
    };
    for await (const posting of storedPostings(sql, shelf, "tasks", partition)) {
      chunk.push(posting);
      if (chunk.length >= CHUNK) await flush();
    }
    await flush();
    for (const { change } of givenUp) ground.fees.booked(change, undefined);
    heads.push({ source: "tasks", partition, ...(await compare.finish()) });
  }
  const ends = new Map<number, { eventId: string; endedAt: number }>();
  for (const [partition, { eventId, endedAt }] of await loadBarriers(sql, period)) {
    ends.set(partition, { eventId, endedAt: endedAt.getTime() });
  }
  const letters = [...ground.letters.values()];
  const discarded = letters.filter((letter) => letter.status === "discarded" && letter.period === period).length;
  return { heads, ends, discarded };
}

/** What tasks said in a period and partition and people gave up: nothing was booked for it, but it happened. In order. */
function changesGivenUp(letters: Letters, period: number, partition: number) {
  return [...letters.values()]
    .filter((letter) => letter.period === period && letter.partition === partition)
    .flatMap(({ position, givenUp }) =>
      givenUp?.type === "task.updated"
        ? [{ position, change: changeOf(givenUp.data, new Date(givenUp.time), period) }]
        : [],
    )
    .sort((a, b) => a.position - b.position);
}
