import assert from "node:assert/strict";
import { after, test } from "node:test";
import pg from "pg";
import { connectionOf, type Installation, prepareDatabase, READER, whyUnusable } from "../../src/platform/migrate.ts";
import type { Service } from "../../src/platform/service.ts";
import { StartRefused } from "../../src/platform/start-refused.ts";
import { cloneDatabase, onServer, ROLE_PREFIX, ROLE_SECRET } from "../kit/server.ts";
import { ears, migrationsOf, notes } from "./small.ts";

const database = await cloneDatabase();
after(() => database.drop());
const installation: Installation = {
  admin: database.admin,
  rolePrefix: ROLE_PREFIX,
  roleSecret: ROLE_SECRET,
  demo: false,
};
const first: Service[] = [notes(), ears()];
const refused = (says: RegExp) => (error: unknown) => error instanceof StartRefused && says.test(error.message);

/** One statement as a service (or the reader). */
const as = (name: string, text: string) =>
  onServer(connectionOf(installation, name), async (client) => (await client.query(text)).rows);
const asAdmin = (text: string) => onServer(database.admin, async (client) => (await client.query(text)).rows);
/** The folder keeps its name, under which its files are remembered. */
const notesWith = (files: Record<string, string>): Service[] => [
  { ...notes(), migrations: [migrationsOf("notes", files)] },
  ears(),
];
const table = "create table note (id text primary key, n int not null);";

test("many starts at once prepare a database once, and all succeed", async () => {
  await Promise.all(Array.from({ length: 6 }, () => prepareDatabase(installation, first)));
  const rows = await asAdmin("select name, count(*)::int from notes.migration group by name having count(*) > 1");
  assert.deepEqual(rows, []);
  assert.deepEqual(await asAdmin("select epoch from notes.log_source"), [{ epoch: 1 }]);
});

test("a start on a prepared database changes nothing", async () => {
  const state = () =>
    asAdmin(`select name, at::text from notes.migration union all select relname, relacl::text from pg_class
              where relnamespace in ('notes'::regnamespace, 'ears'::regnamespace) order by 1, 2`);
  const before = await state();
  await prepareDatabase(installation, first);
  assert.deepEqual(await state(), before);
});

test("a start beside a copy that is just changing a table waits for nothing and succeeds", async () => {
  const copy = new pg.Client(installation.admin);
  await copy.connect();
  try {
    await copy.query("begin; alter table notes.note set (fillfactor = 90)");
    await prepareDatabase(installation, first);
    await copy.query("commit");
  } finally {
    await copy.end();
  }
});

test("a migration that was edited after it ran is refused", async () => {
  await assert.rejects(
    prepareDatabase(installation, notesWith({ "001-note.sql": `${table} -- edited` })),
    refused(/001-note\.sql was changed after it ran/),
  );
});

test("a migration that fails leaves nothing of itself, and the next start tries it again", async () => {
  const half = notesWith({ "001-note.sql": table, "002-more.sql": "create table half (); select 1 / 0;" });
  await assert.rejects(prepareDatabase(installation, half), /migration .*002-more\.sql failed: division by zero/);
  assert.deepEqual(await asAdmin("select to_regclass('notes.half') as half"), [{ half: null }]);
  const whole = notesWith({ "001-note.sql": table, "002-more.sql": "create table half ();" });
  await prepareDatabase(installation, whole);
  assert.deepEqual(await asAdmin("select to_regclass('notes.half')::text as half"), [{ half: "notes.half" }]);
});

test("data of a newer version is refused, and nothing is changed in it", async () => {
  const older = notesWith({ "001-note.sql": table, "002-another.sql": "create table another ();" });
  await assert.rejects(prepareDatabase(installation, older), refused(/written by a newer Popug.*002-more\.sql/));
  assert.deepEqual(await asAdmin("select to_regclass('notes.another') as another"), [{ another: null }]);
});

test("roles of another installation on the same server are refused", async () => {
  await assert.rejects(
    prepareDatabase({ ...installation, roleSecret: "another secret" }, first),
    refused(/was made with other secrets.*another prefix in POPUG_DB_ROLES/),
  );
});

test("a demo does not begin in the data of a real company", async () => {
  await assert.rejects(prepareDatabase({ ...installation, demo: true }, first), refused(/holds a real company/));
});

test("a database that cannot be reached is said so, without a stack", async () => {
  const nowhere = { ...installation, admin: { ...installation.admin, host: "127.0.0.1", port: 9, password: "x" } };
  await assert.rejects(prepareDatabase(nowhere, first), refused(/cannot be reached/));
});

test("a server that is too old is refused, whichever other fault it has", () => {
  const good = { version: 150_000, encoding: "UTF8", standby: false };
  assert.equal(whyUnusable(good), undefined);
  for (const version of [140_099, 149_999, 90_624]) {
    assert.match(whyUnusable({ version, encoding: "LATIN1", standby: true }) ?? "", /PostgreSQL 15 or newer is needed/);
  }
  assert.match(whyUnusable({ ...good, standby: true }) ?? "", /is a standby/);
});

test("a database that cannot hold every letter is refused, and nothing is made in it", async () => {
  const name = `${database.admin.database}_ascii`;
  const encoding = "template template0 encoding 'SQL_ASCII' locale_provider libc locale 'C'";
  await asAdmin(`create database ${name} ${encoding}`);
  try {
    const admin = { ...database.admin, database: name };
    await assert.rejects(
      prepareDatabase({ ...installation, admin }, first),
      refused(/^The database's encoding is SQL_ASCII; it has to be UTF8\.$/),
    );
    const made = await onServer(admin, (client) => client.query("select from pg_namespace where nspname = 'popug'"));
    assert.equal(made.rowCount, 0);
  } finally {
    await asAdmin(`drop database ${name}`);
  }
});

test("a database that was restored elsewhere begins a new epoch", async () => {
  await asAdmin("update notes.log_source set database_id = 'the one it was dumped from'");
  await prepareDatabase(installation, notesWith({ "001-note.sql": table, "002-more.sql": "create table half ();" }));
  assert.deepEqual(await asAdmin("select epoch from notes.log_source"), [{ epoch: 2 }]);
});

const denied = { code: "42501" };
const forbidden: [who: string, text: string][] = [
  ["ears", "select * from notes.note"],
  ["ears", "select * from notes.outbox"],
  ["ears", "select * from notes.log"],
  ["ears", "select * from notes.log_0"],
  ["ears", "select * from notes.cursor"],
  ["ears", "select * from notes.dead_letter"],
  ["ears", "insert into notes.note values ('x', 1)"],
  ["ears", "insert into notes.outbox default values"],
  ["ears", "delete from notes.published"],
  ["ears", "select notes.ensure_log_segment(9000000)"],
  ["notes", "select * from ears.published"],
  ["notes", "select * from ears.heard"],
  ["notes", "update log set key = 'x'"],
  ["notes", "delete from log"],
  ["notes", "truncate log"],
  ["notes", "delete from notes.log_0"],
  ["notes", "drop table note"],
  ["notes", "create table mine ()"],
  ["notes", "create table notes.mine ()"],
  ["notes", "create table public.mine ()"],
  ["notes", "create schema mine"],
  ["notes", "select * from notes.migration"],
  ["notes", "update popug.installation set demo = true"],
  ["notes", "select popug.move_clock('1 day')"],
  ["notes", `set role ${ROLE_PREFIX}_owner`],
  ["notes", "alter table log disable trigger all"],
  [READER, "select * from notes.note"],
  [READER, "select * from notes.log"],
  [READER, "delete from notes.published"],
  [READER, "create table public.mine ()"],
];
for (const [who, text] of forbidden) {
  test(`${who} may not: ${text}`, async () => {
    await assert.rejects(as(who, `set search_path = notes; ${text}`), (error: unknown) => {
      assert(error instanceof pg.DatabaseError);
      return error.code === denied.code || /must be owner/.test(error.message);
    });
  });
}

test("a service works in its own schema, reads the logs of those it listens to, and knows the business time", async () => {
  await as("notes", "insert into notes.note values ('own', 1)");
  await as("ears", "select * from notes.published");
  await as("ears", "select * from notes.published_head");
  await as(READER, "select * from notes.published union all select * from ears.published");
  await as("ears", "select popug.business_now()");
});
