import assert from "node:assert/strict";
import { test } from "node:test";
import { Type } from "typebox";
import { defineEvent } from "../../src/platform/contract.ts";
import { MAX_EVENT_BYTES, PARTITIONS } from "../../src/platform/event.ts";
import type { Emit, Sql } from "../../src/platform/service.ts";
import { DoFirst } from "../../src/platform/service.ts";
import { dayEnded, notes, noteWritten, startSmall, system } from "./small.ts";

const small = await startSmall({ services: [notes()] });
const { transact } = small.notes.tools;
const note = (noteId: string, text = "") => ({ noteId, n: 1, text });
const emitted = async (key: string) =>
  (await small.sql("notes")("select 1 from outbox where key = $1 union all select 1 from log where key = $1", [key]))
    .length;
const stored = async (id: string) =>
  (await small.sql("notes")<{ n: number }>("select n from note where id = $1", [id]))[0]?.n;

test("state and events commit together, or neither does", async () => {
  await transact("test", system, async (ctx) => {
    await ctx.sql("insert into note values ('both', 1)");
    ctx.emit(noteWritten, note("both"));
  });
  assert.deepEqual([await stored("both"), await emitted("both")], [1, 1]);
  const failing = transact("test", system, async (ctx) => {
    await ctx.sql("insert into note values ('neither', 1)");
    ctx.emit(noteWritten, note("neither"));
    throw new Error("no");
  });
  await assert.rejects(failing, /^Error: no$/);
  assert.deepEqual([await stored("neither"), await emitted("neither")], [undefined, 0]);
});

test("an error that was swallowed inside does not pass for a commit", async () => {
  const swallowing = transact("test", system, async (ctx) => {
    await ctx.sql("insert into note values ('swallowed', 1)");
    await ctx.sql("select 1 / 0").catch(() => {});
    return "done";
  });
  await assert.rejects(swallowing, /had failed before its commit/);
  assert.equal(await stored("swallowed"), undefined);
});

test("a transaction in a deadlock is begun again; both go through, their events once", async () => {
  await small.sql("notes")("insert into note values ('left', 0), ('right', 0)");
  let inside = 0;
  let both = () => {};
  const together = new Promise<void>((resolve) => (both = resolve));
  const cross = (ids: [string, string]) =>
    transact("test", system, async (ctx) => {
      await ctx.sql("update note set n = n + 1 where id = $1", [ids[0]]);
      ctx.emit(noteWritten, note("deadlock"));
      if (++inside === 2) both();
      await together;
      await ctx.sql("update note set n = n + 1 where id = $1", [ids[1]]);
    });
  await Promise.all([cross(["left", "right"]), cross(["right", "left"])]);
  assert(inside > 2, "there was no deadlock");
  assert.deepEqual([await stored("left"), await stored("right"), await emitted("deadlock")], [2, 2, 2]);
});

test("what has to be done first is done in a transaction of its own, and the work begun again", async () => {
  let tries = 0;
  await transact("test", system, async (ctx) => {
    tries++;
    ctx.emit(noteWritten, note("after remedy"));
    if ((await ctx.sql("select 1 from note where id = 'remedy'")).length === 0) {
      throw new DoFirst("a remedy is needed", (tools) =>
        tools.transact("remedy", system, (other) => other.sql("insert into note values ('remedy', 1)")),
      );
    }
  });
  assert.deepEqual([tries, await emitted("after remedy")], [2, 1]);
});

test("what never gets ready is given up after five tries", async () => {
  let remedies = 0;
  const endless = transact("test", system, async () => {
    throw new DoFirst("never enough", async () => void remedies++);
  });
  await assert.rejects(endless, /never enough/);
  assert.equal(remedies, 4);
});

test("an event that is not declared, not valid, too large or without a place is never written", async () => {
  const undeclared = defineEvent({
    type: "note.lost",
    source: "notes",
    kind: "business",
    summary: "Nobody declared it.",
    key: "noteId",
    data: Type.Object({ noteId: Type.String() }),
  });
  const emit = (work: (emit: Emit) => void) => transact("test", system, async (ctx) => work(ctx.emit));
  await assert.rejects(
    emit((out) => out(undeclared, { noteId: "a" })),
    /does not declare to publish/,
  );
  await assert.rejects(
    emit((out) => out(noteWritten, { noteId: "a", n: 1.5, text: "" })),
    /not valid: \/n/,
  );
  await assert.rejects(
    emit((out) => out(noteWritten, { ...note("a"), more: 1 } as never)),
    /not valid/,
  );
  await assert.rejects(
    emit((out) => out(noteWritten, note("a", "ж".repeat(MAX_EVENT_BYTES / 2)))),
    /bytes, more than/,
  );
  const fits = MAX_EVENT_BYTES - JSON.stringify(note("fits")).length;
  await emit((out) => out(noteWritten, note("fits", "x".repeat(fits))));
  await assert.rejects(
    emit((out) => out(noteWritten, note("fits", "x".repeat(fits + 1)))),
    /bytes, more than/,
  );
  assert.equal(await emitted("fits"), 1);
});

test("a barrier goes into every partition, once", async () => {
  await transact("test", system, async (ctx) => ctx.emit(dayEnded, { period: 1 }, { period: 1 }));
  const rows = await small.sql("notes")<{ partition: number }>(
    "select partition from outbox where is_barrier order by partition",
  );
  assert.deepEqual(
    rows.map((row) => row.partition),
    Array.from({ length: PARTITIONS }, (_, i) => i),
  );
});

test("statements and events that come after the end of their transaction are errors, never another's", async () => {
  const kept: { sql?: Sql; emit?: Emit } = {};
  await transact("test", system, async (ctx) => Object.assign(kept, { sql: ctx.sql, emit: ctx.emit }));
  await assert.rejects(async () => kept.sql?.("insert into note values ('afterwards', 1)"), /after the end/);
  assert.throws(() => kept.emit?.(noteWritten, note("afterwards")), /after the end/);
  assert.equal(await stored("afterwards"), undefined);
});
