/** Beginning with the present state of a source whose log is shortened: once, whole or not at all, and in chunks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pino } from "pino";
import { Type } from "typebox";
import { createConsumer } from "../../src/platform/consumer.ts";
import { defineEvent } from "../../src/platform/contract.ts";
import { allPartitions, type Received } from "../../src/platform/event.ts";
import { type LogReader, postgresLog } from "../../src/platform/log.ts";
import { partitionOf } from "../../src/platform/outbox.ts";
import { type Consumer, consumer, type Ctx, type Service } from "../../src/platform/service.ts";
import { STATE_CHUNK } from "../../src/platform/state.ts";
import { migrationsOf, startSmall, system } from "./small.ts";

const noteKept = defineEvent({
  type: "note.kept",
  source: "notes",
  kind: "cud",
  summary: "A note as it is now.",
  key: "noteId",
  data: Type.Object({ noteId: Type.String(), version: Type.Integer() }),
});
type Kept = Received<typeof noteKept>;
const notes: Service = {
  name: "notes",
  migrations: [
    migrationsOf("notes", {
      "001-note.sql": `create table note (id text primary key, version int not null);
        create view state as select 'note.kept' as type, md5(id)::uuid as id, 1 as version, id as key,
          jsonb_build_object('noteId', id, 'version', case when version > 0 then version end) as data from note;`,
    }),
  ],
  publishes: [noteKept],
  tellsState: true,
  consumers: [],
  jobs: [],
  routes: [],
};

/** Keeps what it hears, whatever the version: a step back would stay visible in `went_back`. */
const keep = (name: string) => async (ctx: Ctx, events: Kept[]) => {
  await ctx.sql("insert into call (consumer, notes) values ($1, $2)", [name, events.length]);
  const states = new Map<string, number>();
  for (const { data } of events) states.set(data.noteId, Math.max(data.version, states.get(data.noteId) ?? 0));
  await ctx.sql(
    `insert into kept as k (consumer, id, version) select $1, * from unnest($2::text[], $3::int[])
     on conflict (consumer, id) do update set version = greatest(k.version, excluded.version)`,
    [name, [...states.keys()], [...states.values()]],
  );
};
const onNote = (name: string, handle: (ctx: Ctx, events: Kept[]) => Promise<void> = keep(name), fromState = true) =>
  consumer({ name, source: "notes", events: [noteKept], command: "test.keep", fromState, handle });
const ears = (...consumers: Consumer[]): Service => ({
  name: "ears",
  migrations: [
    migrationsOf("ears", {
      "001-kept.sql": `create table kept (consumer text, id text, version int, primary key (consumer, id));
        create table call (consumer text, notes int);`,
    }),
  ],
  publishes: [],
  consumers,
  jobs: [],
  routes: [],
});

const small = await startSmall({ services: [notes, ears(onNote("on-note-first"))] });
/** Says a note's next version; not numbered yet. */
const write = (...ids: string[]) =>
  small.notes.tools.transact("test.write", system, async (ctx) => {
    for (const id of ids) {
      const [row] = await ctx.sql<{ version: number }>(
        `insert into note (id, version) values ($1, 1) on conflict (id) do update set version = note.version + 1
         returning version`,
        [id],
      );
      ctx.emit(noteKept, { noteId: id, version: row?.version ?? 0 });
    }
  });
const sequence = async () => {
  while ((await small.part("notes", "sequencer")) > 0);
};
const passOf = (added: Consumer) =>
  small.copyOf(ears(added)).parts.get(`consumer:${added.name}`) ?? assert.fail(added.name);
const keptBy = (name: string) =>
  small.sql("ears")("select id, version from kept where consumer = $1 order by id", [name]);
const callsOf = async (name: string) =>
  (await small.sql("ears")<{ notes: number }>("select notes from call where consumer = $1", [name])).map(
    (c) => c.notes,
  );
const present = () => small.sql("notes")("select id, version from note order by id");
const cursorsOf = (name: string) =>
  small.sql("ears")<{ position: number }>("select position from cursor where consumer = $1", [name]);

/** Ids of which each partition has one. */
const spread = allPartitions.map((partition) => {
  let n = 0;
  while (partitionOf(`note ${n}`) !== partition) n++;
  return `note ${n}`;
});

test("while the log is whole, a new consumer reads it from its first event on", async () => {
  await write("a", "a", ...spread, ...spread, ...spread);
  await sequence();
  while ((await small.part("ears", "consumer:on-note-first")) > 0);
  assert.equal(
    (await callsOf("on-note-first")).reduce((sum, n) => sum + n, 0),
    2 + 3 * 16,
  );
  assert.deepEqual(await keptBy("on-note-first"), await present());
});

test("once it is shortened, one that needs the past stops; one that needs the present begins with the state", async () => {
  // By hand what the composition does when nobody needs a segment any more; `test/people/state.test.ts` has it done.
  await small.owner("create table public.kept as select * from notes.log where position >= 3");
  await small.owner("drop table notes.log_0, notes.log_1");
  await small.owner("update notes.log_source set segment_size = 3, begins_at = 3");
  await small.owner("select notes.ensure_log_segment(n * 3) from generate_series(1, 80) n");
  await small.owner("insert into notes.log select * from public.kept");

  await assert.rejects(passOf(onNote("on-note-of-old", keep("on-note-of-old"), false)), /its log begins at 3/);
  assert.deepEqual(await keptBy("on-note-of-old"), []);

  const pass = passOf(onNote("on-note-late"));
  await write("a", "b");
  await pass();
  assert.deepEqual(await keptBy("on-note-late"), await present(), "also what is not numbered yet");
  await write("a", "c");
  await sequence();
  while ((await pass()) > 0);
  assert.deepEqual(await keptBy("on-note-late"), await present());
  assert.equal((await callsOf("on-note-late"))[0], 18);
});

test("one that has read anything and stands in front of the log does not help itself with the state", async () => {
  await small.sql("ears")("update cursor set position = 0 where consumer = 'on-note-late' and partition <> 7");
  await assert.rejects(passOf(onNote("on-note-late")), /its log begins at 3/);
});

test("two copies that begin at once hear the state once", async () => {
  const ear = small.app.services.get("ears") ?? assert.fail();
  const real = postgresLog(ear.sql, "notes");
  let first = 0;
  const copy = (reader: LogReader) =>
    createConsumer({
      consumer: onNote("on-note-twice"),
      reader,
      sql: ear.sql,
      transact: ear.transact,
      log: pino({ level: "silent" }),
      versions: [noteKept],
    });
  // The other one begins, and goes on, between the last look of this one and its transaction.
  const late = copy({
    ...real,
    read: async (...places) => {
      const rows = await real.read(...places);
      if (first++ === 0) {
        const other = copy(real);
        await other.pass();
        await write("a");
        await sequence();
        await other.pass();
      }
      return rows;
    },
  });
  assert.equal(await late.pass(), 0);
  assert.deepEqual(await callsOf("on-note-twice"), [18 + 1, 1]);
  while ((await late.pass()) > 0);
  assert.deepEqual(await keptBy("on-note-twice"), await present());
});

test("a large state comes in chunks; a failure in between leaves nothing of it, and it is begun again", async () => {
  await write(...Array.from({ length: 2 * STATE_CHUNK + 10 }, (_, n) => `many ${n}`));
  await sequence();
  let calls = 0;
  const keeping = keep("on-note-many");
  const pass = passOf(
    onNote("on-note-many", async (ctx, events) => {
      await keeping(ctx, events);
      if (++calls === 2) throw new Error("in between");
    }),
  );
  await assert.rejects(pass, /in between/);
  assert.deepEqual([await callsOf("on-note-many"), await keptBy("on-note-many")], [[], []]);
  assert((await cursorsOf("on-note-many")).every(({ position }) => position === 0));
  await pass();
  assert.deepEqual(await keptBy("on-note-many"), await present());
  assert(Math.max(...(await callsOf("on-note-many"))) <= STATE_CHUNK);
});

test("a row of the state that cannot be read stops it, with a sentence; nothing is left out", async () => {
  await small.sql("notes")("update note set version = -version where id = 'b'");
  const pass = passOf(onNote("on-note-strict"));
  await assert.rejects(pass, /cannot begin with the state of notes: not a valid note.kept v1: \/version .*\(b\)/);
  assert.deepEqual(await keptBy("on-note-strict"), []);
  await small.sql("notes")("update note set version = -version where id = 'b'");
  await pass();
  assert.deepEqual(await keptBy("on-note-strict"), await present());
});
