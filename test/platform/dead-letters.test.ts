import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { discard, release, requestRedrive } from "../../src/platform/dead-letters.ts";
import { partitionOf } from "../../src/platform/outbox.ts";
import { Refusal } from "../../src/platform/refusal.ts";
import { Deferred } from "../../src/platform/service.ts";
import { dayEnded, type Letter, noteWritten, startSmall, system, writeDown } from "./small.ts";

/** Cannot apply what says "poison"; defers what says "later" until a note of that key is there. */
const picky: typeof writeDown = async (ctx, events) => {
  await writeDown(ctx, events);
  for (const event of events) {
    if (event.data.text === "poison") throw new Error("that is poison");
    if (event.data.text.startsWith("later")) throw new Deferred("not there yet", event.data.text);
  }
};
let handle = picky;
beforeEach(() => {
  handle = picky;
});
const small = await startSmall({ handle: (ctx, events) => handle(ctx, events), consumer: { aboutMoney: true } });
const ears = small.app.services.get("ears") ?? assert.fail();
const { sql } = ears;

const heardOf = async (key: string) => (await small.heard()).filter((note) => note.startsWith(`${key} `));
async function lettersOf(key: string): Promise<Letter[]> {
  return (await small.letters()).filter((letter) => letter.key === key);
}
const statuses = async (key: string) => (await lettersOf(key)).map((letter) => letter.status);
const refusedWith = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;
async function oneLetter(key: string): Promise<Letter> {
  const [letter] = await lettersOf(key);
  assert(letter, `no letter of ${key}`);
  return letter;
}

test("a poison event is put aside with its reason, its key waits behind it in order, all other keys flow", async () => {
  const others = Array.from({ length: 40 }, (_, i) => `other ${i}`);
  await small.write(["ill", 1], ...others.map((key): [string, number] => [key, 1]), ["ill", 2, "poison"], ["ill", 3]);
  await small.write(...others.map((key): [string, number] => [key, 2]), ["ill", 4]);
  await small.settle();
  for (const key of others) assert.deepEqual(await heardOf(key), [`${key} 1`, `${key} 2`]);
  assert.deepEqual(await heardOf("ill"), ["ill 1"]);
  assert.deepEqual(await statuses("ill"), ["dead", "parked", "parked"]);
  assert.equal((await oneLetter("ill")).reason, "that is poison");
  await small.write(["ill", 5]);
  await small.settle();
  assert.deepEqual(await statuses("ill"), ["dead", "parked", "parked", "parked"]);
});

test("after a redrive with an edit everything of the key follows, in its order", async () => {
  const letter = await oneLetter("ill");
  await requestRedrive(sql, letter.id, "somebody", { noteId: "ill", n: 2, text: "mended" });
  await small.write(["ill", 6]);
  await small.settle();
  assert.deepEqual(await heardOf("ill"), ["ill 1", "ill 2", "ill 3", "ill 4", "ill 5", "ill 6"]);
  assert(!(await statuses("ill")).some((status) => status !== "redriven"));
  const [kept] = await sql("select edited_by, event->'data'->>'text' as was from dead_letter where id = $1", [
    letter.id,
  ]);
  assert.deepEqual(kept, { edited_by: "somebody", was: "poison" });
});

test("an edit cannot change the key, nor the period; an edit that is not valid is not applied", async () => {
  await small.write(["edited", 1, "poison"]);
  await small.settle();
  const { id } = await oneLetter("edited");
  await requestRedrive(sql, id, "somebody", { noteId: "another", n: 1, text: "" });
  await small.settle();
  assert.match((await oneLetter("edited")).reason, /must not change the key/);
  await requestRedrive(sql, id, "somebody", { noteId: "edited" });
  await small.settle();
  assert.match((await oneLetter("edited")).reason, /not a valid note\.written/);
  assert.deepEqual(await statuses("edited"), ["dead"]);
  assert.deepEqual(await heardOf("edited"), []);
  assert.deepEqual(await heardOf("another"), []);
});

test("an event that cannot be read (invalid data, unknown version) is put aside, and only its key waits", async () => {
  const raw = `insert into outbox (partition, id, type, version, key, time, correlation_id, actor, command, data)
    values ($1, gen_random_uuid(), 'note.written', $2, $3, now(), gen_random_uuid(), 'system:test', 'test.write', $4)`;
  const good = JSON.stringify({ noteId: "future", n: 1, text: "" });
  await small.notes.sql(raw, [partitionOf("broken"), 1, "broken", JSON.stringify({ noteId: "broken", n: "one" })]);
  await small.notes.sql(raw, [partitionOf("future"), 9, "future", good]);
  await small.write(["broken", 2], ["future", 2], ["readable", 1]);
  await small.settle();
  assert.deepEqual(await statuses("broken"), ["dead", "parked"]);
  assert.match((await oneLetter("broken")).reason, /not a valid note\.written v1/);
  assert.deepEqual(await statuses("future"), ["dead", "parked"]);
  assert.match((await oneLetter("future")).reason, /version 9 of note\.written is not known/);
  assert.deepEqual(await heardOf("readable"), ["readable 1"]);
});

test("an event that waits for something is tried when that appears, and what is behind it after it", async () => {
  let isThere = false;
  handle = async (ctx, events) => {
    await writeDown(ctx, events);
    if (!isThere && events.some((event) => event.data.text === "later user:7")) {
      throw new Deferred("user 7 is not known", "user:7");
    }
  };
  await small.write(["waits", 1, "later user:7"], ["waits", 2]);
  await small.settle();
  assert.deepEqual(await statuses("waits"), ["deferred", "parked"]);
  const { attempts } = await oneLetter("waits");
  await small.settle();
  assert.equal((await oneLetter("waits")).attempts, attempts, "it is not spun on");
  isThere = true;
  await release(sql, ["user:8"]);
  await small.settle();
  assert.deepEqual(await heardOf("waits"), []);
  await release(sql, ["user:7"]);
  await small.settle();
  assert.deepEqual(await heardOf("waits"), ["waits 1", "waits 2"]);
});

test("an event whose release was missed is tried again after a time, and waits again when it is too early", async () => {
  await small.write(["missed", 1, "later x"]);
  await small.settle();
  const soon = "update dead_letter set redrive_at = now() where key = 'missed'";
  await sql(soon);
  await small.settle();
  assert.deepEqual(await statuses("missed"), ["deferred"]);
  const [again] = await sql(
    "select redrive_at > now() + interval '20 s' as later from dead_letter where key = 'missed'",
  );
  assert.deepEqual(again, { later: true });
  handle = writeDown;
  await sql(soon);
  await small.settle();
  assert.deepEqual(await heardOf("missed"), ["missed 1"]);
});

test("in a batch of many the good events are applied exactly once, however many are not", async () => {
  const bad = new Set([3, 4, 99, 250]);
  await small.write(
    ...Array.from({ length: 300 }, (_, i): [string, number, string] => [`many-${i}`, i, bad.has(i) ? "poison" : ""]),
  );
  await small.settle();
  const heard = (await small.heard()).filter((note) => note.startsWith("many-"));
  assert.equal(heard.length, 296);
  assert.equal(new Set(heard).size, 296);
  const aside = (await small.letters()).filter((letter) => letter.key.startsWith("many-"));
  assert.deepEqual(new Set(aside.map((letter) => Number(letter.key.slice(5)))), bad);
});

test("giving up an event about money takes two people; what waited behind it follows then", async () => {
  await small.write(["money", 1, "poison"], ["money", 2]);
  await small.settle();
  const [first, second] = await lettersOf("money");
  assert(first && second);
  const needsTwo = () => true;
  await assert.rejects(discard(sql, second.id, "anna", "why not", needsTwo), refusedWith("dead-letter-ended"));
  assert.equal(await discard(sql, first.id, "anna", "wrong", needsTwo), false);
  await assert.rejects(discard(sql, first.id, "anna", "really", needsTwo), refusedWith("second-person-needed"));
  await small.settle();
  assert.deepEqual(await heardOf("money"), []);
  assert.equal(await discard(sql, first.id, "boris", "indeed", needsTwo), true);
  await assert.rejects(requestRedrive(sql, first.id, "anna", undefined), refusedWith("dead-letter-ended"));
  await small.settle();
  assert.deepEqual(await heardOf("money"), ["money 2"]);
  const [kept] = await sql("select discard_by, discard_reason from dead_letter where id = $1", [first.id]);
  assert.deepEqual(kept, { discard_by: "anna, boris", discard_reason: "wrong; indeed" });
});

test("an event that is being redriven cannot be discarded at the same moment", async () => {
  await small.write(["race", 1, "poison"]);
  await small.settle();
  const { id } = await oneLetter("race");
  await requestRedrive(sql, id, "anna", { noteId: "race", n: 1, text: "mended" });
  let discarding: Promise<unknown> | undefined;
  let isDone = false;
  handle = async (ctx, events) => {
    await writeDown(ctx, events);
    discarding = ears.tools
      .transact("test.discard", system, (other) => discard(other.sql, id, "boris", "too late", () => false))
      .then(
        () => "discarded",
        (error: unknown) => error,
      )
      .finally(() => (isDone = true));
    // Until it waits for the lock of the letter.
    for (;;) {
      const waiting = await small.owner(
        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      if (waiting.length > 0 || isDone) break;
    }
  };
  await small.settle();
  assert.deepEqual(await heardOf("race"), ["race 1"]);
  assert.deepEqual(await statuses("race"), ["redriven"]);
  assert(refusedWith("dead-letter-ended")(await discarding));
});

test("a redrive that is asked for while an earlier one fails is not forgotten", async () => {
  await small.write(["asked", 1, "poison"]);
  await small.settle();
  const { id } = await oneLetter("asked");
  await requestRedrive(sql, id, "anna", undefined);
  let asking: Promise<void> | undefined;
  handle = async (_, events) => {
    if (events[0]?.data.text !== "poison") return writeDown(_, events);
    asking ??= requestRedrive(sql, id, "boris", { noteId: "asked", n: 1, text: "mended" });
    throw new Error("still poison");
  };
  await small.settle();
  await asking;
  await small.settle();
  assert.deepEqual(await heardOf("asked"), ["asked 1"]);
  assert.deepEqual(await statuses("asked"), ["redriven"]);
});

test("two copies that redrive at the same moment apply an event once", async () => {
  const other = small.copyOf(ears.service);
  const passes = [ears, other].map((one) => one.parts.get("consumer:on-note"));
  for (let i = 0; i < 5; i++) {
    await small.write([`copies-${i}`, 1, "poison"]);
    await small.settle();
    const { id } = await oneLetter(`copies-${i}`);
    await requestRedrive(sql, id, "anna", { noteId: `copies-${i}`, n: 1, text: "mended" });
    await Promise.all(passes.map(async (pass) => pass?.()));
    assert.deepEqual(await heardOf(`copies-${i}`), [`copies-${i} 1`]);
  }
});

test("an edit of a barrier cannot move it to another period", async () => {
  const own = await startSmall({
    handle: async (_, events) => {
      if (events.some((event) => event.period === 7)) throw new Error("not now");
    },
    consumer: { events: [dayEnded] as never },
  });
  await own.notes.tools.transact("test.end", system, async (ctx) => ctx.emit(dayEnded, { period: 7 }, { period: 7 }));
  await own.settle();
  const [letter] = await own.letters();
  assert(letter);
  await requestRedrive(own.sql("ears"), letter.id, "anna", { period: 8 });
  await own.settle();
  const [still] = await own.letters();
  assert.match(still?.reason ?? "", /must not change the period/);
  assert.equal(still?.status, "dead");
});

test("the writer of an event is held to its fields; a reader overlooks those it does not know", () => {
  assert.equal(noteWritten.writeProblem({ noteId: "a", n: 1, text: "", more: 1 }) === null, false);
  assert.equal(noteWritten.readProblem({ noteId: "a", n: 1, text: "", more: 1 }), null);
});
