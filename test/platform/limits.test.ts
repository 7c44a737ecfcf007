/** What takes too long in the database is ended there, told as an unknown outcome, and leaves nothing behind. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Type } from "typebox";
import { command } from "../../src/platform/http/route.ts";
import { connectAsAdmin, connectionOf, READER } from "../../src/platform/migrate.ts";
import { isTransient, openPool, sqlOn } from "../../src/platform/database.ts";
import type { Sql } from "../../src/platform/service.ts";
import { onServer } from "../kit/server.ts";
import { noteWritten, startSmall, system } from "./small.ts";

/** The limits as they are, only shorter. */
const shorter = {
  statement_timeout: "select pg_sleep(3600)",
  lock_timeout: "lock table note in share mode",
};
let isSlow = true;

const routes = [
  command({
    operationId: "linger",
    method: "POST",
    path: "/linger/:limit",
    policy: "anyone",
    command: "note.linger",
    summary: "Writes a note, and then takes too long",
    params: Type.Object({ limit: Type.Enum(Object.keys(shorter) as (keyof typeof shorter)[]) }),
    response: Type.Object({ ok: Type.Boolean() }),
    handle: async (ctx, { params: { limit } }) => {
      await ctx.sql("insert into note values ($1, 1)", [limit]);
      ctx.emit(noteWritten, { noteId: limit, n: 1, text: "" });
      if (!isSlow) return { ok: true };
      await ctx.sql(`set local ${limit} = '50ms'`);
      await ctx.sql(shorter[limit]);
      return { ok: true };
    },
  }),
];
const small = await startSmall({ routes });
const notesHome = () => small.app.homes.of("notes").installation;

test("every connection of a service, and of who reads logs, has its limits; the administrator's may take its time, but not in silence", async () => {
  const limits = async (sql: Sql) =>
    (
      await sql<{ limits: string[] }>(
        `select array[current_setting('statement_timeout'), current_setting('lock_timeout'),
                    current_setting('idle_in_transaction_session_timeout')] as limits`,
      )
    )[0]?.limits;
  const pool = openPool(connectionOf(notesHome(), READER), {
    schema: "popug",
    size: 1,
    name: READER,
    onError: assert.fail,
  });
  try {
    for (const sql of [small.sql("notes"), small.sql("ears"), small.app.readerOf("notes"), sqlOn(pool)]) {
      assert.deepEqual(await limits(sql), ["30s", "15s", "10s"]);
    }
    const client = await connectAsAdmin(notesHome());
    assert.deepEqual(await limits(sqlOn(client)), ["0", "0", "10s"]);
    await client.end();
  } finally {
    await pool.end();
  }
});

for (const limit of Object.keys(shorter) as (keyof typeof shorter)[]) {
  test(`${limit}: the request is answered 503 with a code, nothing of it stays, and its repetition takes effect once`, async () => {
    const ask = async () => {
      const response = await fetch(`${small.url}/api/linger/${limit}`, {
        method: "POST",
        headers: { "idempotency-key": limit },
      });
      return { status: response.status, body: (await response.json()) as { code?: string }, headers: response.headers };
    };
    const stored = async () =>
      (await small.sql("notes")("select from note where id = $1 union all select from outbox where key = $1", [limit]))
        .length;
    isSlow = true;
    const first = await onServer(notesHome().admin, async (other) => {
      await other.query("begin; lock table notes.note in row exclusive mode");
      return ask();
    });
    assert.deepEqual([first.status, first.body.code], [503, "database-unavailable"]);
    assert.equal(first.headers.get("retry-after"), "1");
    assert.equal(await stored(), 0);
    isSlow = false;
    for (let time = 0; time < 2; time++) assert.equal((await ask()).status, 200);
    assert.equal(await stored(), 2);
  });
}

test("idle_in_transaction_session_timeout: who falls silent in a transaction is ended, and what it locked is free", async () => {
  const [silent, overtaken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  // As a process that is paused in the midst of it, and wakes up when others have gone on.
  const paused = small.notes.tools.transact("note.linger", system, async ({ sql }) => {
    await sql("insert into note values ('silent', 1)");
    await sql("set local idle_in_transaction_session_timeout = '50ms'");
    silent.resolve();
    await overtaken.promise;
    await sql("insert into note values ('awake', 1)");
  });
  await Promise.race([silent.promise, paused]);
  await onServer(notesHome().admin, (other) =>
    other.query("begin; set local lock_timeout = '10s'; lock table notes.note; commit"),
  ).finally(overtaken.resolve);
  await assert.rejects(paused, isTransient);
  assert.deepEqual(await small.sql("notes")("select id from note where id in ('silent', 'awake')"), []);
});
