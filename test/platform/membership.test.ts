import assert from "node:assert/strict";
import { test } from "node:test";
import { pino } from "pino";
import { listen } from "../../src/app/listen.ts";
import { allPartitions } from "../../src/platform/event.ts";
import { createMembership } from "../../src/platform/membership.ts";
import { until } from "../kit/until.ts";
import { ears, startSmall } from "./small.ts";

const small = await startSmall();
const sql = small.sql("ears");
const member = () => createMembership(sql, "ears");
const soon = { withinMs: 60_000, everyMs: 20, late: () => "not everything was heard" };

test("copies divide the partitions: each belongs to exactly one, whatever their number", async () => {
  const copies = [member(), member(), member()];
  assert.deepEqual(copies[0]?.partitions(), allPartitions, "before the first sign of life a copy takes all");
  for (const copy of copies) await copy.beat();
  for (const copy of copies) await copy.beat();
  assert.deepEqual(
    copies.flatMap((copy) => copy.partitions()).toSorted((a, b) => a - b),
    allPartitions,
  );
  for (const copy of copies) assert(copy.partitions().length >= 5);
  for (const copy of copies) await copy.leave();
});

test("who leaves says so, and who takes over knows that there is something to look at", async () => {
  const [one, two] = [member(), member()];
  assert.equal(await one.beat(), false, "alone before and after");
  assert.equal(await two.beat(), true);
  assert.equal(await one.beat(), true);
  assert.equal(await one.beat(), false);
  const heard: string[] = [];
  const { admin } = small.app.homes.of("ears").installation;
  const ear = await new Promise<ReturnType<typeof listen>>((listening) => {
    const one = listen(
      admin,
      // The first word is that it listens.
      { onLogged: () => listening(one), onLeft: (service) => heard.push(service) },
      pino({ level: "silent" }),
    );
  });
  await two.leave();
  await until(async () => heard.length > 0 || undefined, soon);
  assert.deepEqual(heard, ["ears"]);
  assert.equal(await one.beat(), true);
  await ear.stop();
  await one.leave();
});

test("a copy that leaves is followed at the next look, one that falls silent within five seconds", async () => {
  const [one, two, three] = [member(), member(), member()];
  for (const copy of [one, two, three, one, two]) await copy.beat();
  await three.leave();
  await one.beat();
  assert.equal(one.partitions().length, 8);
  const silent = performance.now();
  await until(
    async () => {
      await one.beat();
      return one.partitions().length === allPartitions.length || undefined;
    },
    { withinMs: 10_000, everyMs: 100, late: () => "nobody took over" },
  );
  assert(performance.now() - silent < 5_000);
  await one.leave();
});

test("two copies at work, one of them stopped in between, hear everything once and in order", async () => {
  const first = small.copyOf(ears());
  const second = small.copyOf(ears());
  const expected = async (count: number) => {
    small.notes.wakeFor("notes");
    for (const copy of [first, second]) copy.wakeFor("notes");
    return (await small.heard()).length === count || undefined;
  };
  const write = async (from: number, to: number) => {
    for (let n = from; n <= to; n++) {
      await small.write(...allPartitions.map((key): [string, number] => [`key ${key}`, n]));
      await small.part("notes", "sequencer");
    }
  };
  first.start();
  second.start();
  await write(1, 20);
  await until(() => expected(20 * allPartitions.length), soon);
  await second.stop();
  await write(21, 40);
  await until(() => expected(40 * allPartitions.length), soon);
  const heard = await small.heard();
  for (const key of allPartitions) {
    assert.deepEqual(
      heard.filter((note) => note.startsWith(`key ${key} `)),
      Array.from({ length: 40 }, (_, i) => `key ${key} ${i + 1}`),
    );
  }
});
