/**
 * The books are a function of what was said, not of how it arrived: the same logs of a company at work, with all
 * that people decide about money, in portions of any size, from partitions in any order, with closes at any moment, give the same
 * postings, statements, payouts and seals.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { campaign, seededRandom } from "../kit/random.ts";
import { ownSources } from "../../src/services/accounting/own-posting.ts";
import { assertAllClosed } from "./books-proof.ts";
import { type Company, command, openCompany, periodEnd } from "./company-at-work.ts";
import { bringBalances, correctSome, giveUpDebt, movePayouts, sayWherePaid } from "./money-at-work.ts";
import { booksOf, type Recording, record, replay, type Schedule } from "./replay.ts";

const SIZES = [1, 7, 100, 1_000];
const PERIODS = 5;

const { runs: perSize, firstSeed } = campaign(1, 25);

let company: Company;
let recording: Recording;
let original: Awaited<ReturnType<typeof booksOf>>;
before(async () => {
  company = await openCompany();
  const random = seededRandom(firstSeed);
  await sayWherePaid(company);
  for (let period = 0; period < PERIODS; period++) {
    for (let step = 0; step < 25; step++) {
      const moves = Array.from({ length: 3 }, () => command(company, random));
      await Promise.all(moves.map((move) => move.run()));
      if (random.chance(0.3)) await company.moveBooks();
    }
    await company.settleBooks();
    if (period === 0) await bringBalances(company);
    if (period === 3) await giveUpDebt(company);
    await correctSome(company);
    await movePayouts(company, period);
    await periodEnd(company, random).run();
    await company.settleBooks();
  }
  await assertAllClosed(company.app.owner, "the recorded company");
  recording = await record(company.app.owner);
  original = await booksOf(company.app.owner);
  for (const source of ownSources)
    assert(
      original.postings.some((posting) => posting["source"] === source),
      source,
    );
  const steps = new Set(original.steps.map(({ was, state }) => `${was} ${state}`));
  assert.equal(steps.size, 4, [...steps].join());
  assert(original.steps.some(({ file }) => file !== null));
});
after(() => company?.stop());

const all = Array.from({ length: 16 }, (_, i) => i);
const schedules: Record<string, Schedule["partitions"]> = {
  "all partitions at once": () => all,
  "one partition at a time, drawn": (random) => [random.below(16)],
  "some partitions far ahead of others": (random) => (random.chance(0.9) ? all.slice(0, 5) : all.slice(5)),
  "any set of partitions": (random) => all.filter(() => random.chance(0.5)),
};

for (const each of SIZES) {
  test(`portions of ${each} give the same statements and seals, whatever partition comes first`, async (t) => {
    assert(original.closings.length >= PERIODS && original.postings.length > 100);
    const names = Object.keys(schedules);
    for (let run = 0; run < perSize; run++) {
      const seed = firstSeed + run;
      // Each size begins with another schedule, so that a short campaign still sees all of them.
      const name = names[(run + SIZES.indexOf(each)) % names.length] as string;
      const partitions = schedules[name] as Schedule["partitions"];
      const books = await replay(recording, { each, partitions }, seededRandom(seed));
      assert.deepEqual(books, original, `portions of ${each}, ${name}, seed ${seed}`);
    }
    t.diagnostic(
      `${perSize} replays of ${recording.events} events, ${original.closings.length} periods, ` +
        `${original.postings.length} postings; seeds ${firstSeed}…${firstSeed + perSize - 1}`,
    );
  });
}
