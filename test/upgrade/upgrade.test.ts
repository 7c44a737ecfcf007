/**
 * A start on the data of an earlier version: it is migrated, goes on, and its books agree. The data are those of a company
 * that was run by that version (`keep-version.ts`), with all that its tables held.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import pg from "pg";
import { pino } from "pino";
import { verifyInstallation } from "../../src/app/cli/verify.ts";
import { allServices } from "../../src/app/services.ts";
import { startApp, type App } from "../../src/app/start.ts";
import { readConfig } from "../../src/config.ts";
import { type Connection, openPool, sqlOn } from "../../src/platform/database.ts";
import { foldersOf, migrateSchema } from "../../src/platform/migrate.ts";
import type { Sql } from "../../src/platform/service.ts";
import { assertClosed, officeOf, type Office } from "../journeys/office.ts";
import type { TestApp } from "../kit/app.ts";
import { noonZone } from "../kit/noon.ts";
import { peopleAt } from "../kit/people.ts";
import { onServer, ROLE_PREFIX, ROLE_SECRET, testServer } from "../kit/server.ts";
import type { Kept } from "./keep-version.ts";

const kept: Kept = JSON.parse(gunzipSync(readFileSync(join(import.meta.dirname, "2026-11-26.json.gz"))).toString());
const rowsOf = (schema: string, table: string): Record<string, unknown>[] =>
  JSON.parse(kept.tables.find((one) => one.schema === schema && one.table === table)?.rows ?? "[]");

const folder = mkdtempSync(join(tmpdir(), "popug-upgrade-"));
const settings = {
  ...readConfig({ demo: true }, {}).settings,
  timeZone: noonZone,
  dataDir: folder,
  secretsDir: join(folder, "secrets"),
};
const services = allServices(settings);
const installation = new URL("../../src/platform/installation/", import.meta.url);

/** The migrations of a folder that had been written by then; the folder is known by the same name. */
function asOfThen(schema: string, original: URL, place: string): URL {
  const name = original.pathname.split("/").slice(-3, -1).join("/");
  const known = new Set(rowsOf(schema, "migration").map((row) => row["name"]));
  const copy = join(place, schema, name);
  mkdirSync(copy, { recursive: true });
  for (const file of readdirSync(original)) {
    if (known.has(`${name}/${file}`)) copyFileSync(new URL(file, original), join(copy, file));
  }
  return pathToFileURL(`${copy}/`);
}

/** The database as that version has left it. */
async function bringBack(admin: Connection): Promise<void> {
  await onServer(admin, async (client) => {
    const sql: Sql = async <Row>(text: string, params: readonly unknown[] = []) =>
      (await client.query(text, [...params])).rows as Row[];
    const owner = `${ROLE_PREFIX}_owner`;
    await sql(`grant create on database ${pg.escapeIdentifier(admin.database)} to ${owner}`);
    const schemas = [
      { schema: "popug", role: owner, folders: [installation] },
      ...services.map((service) => ({
        schema: service.name,
        role: `${ROLE_PREFIX}_${service.name}`,
        folders: foldersOf(service),
      })),
    ];
    for (const { schema, role, folders } of schemas) {
      const then = folders.map((one, at) => asOfThen(schema, one, join(folder, "migrations", String(at))));
      await migrateSchema(sql, (text) => client.query(text), { schema, owner, role, folders: then });
    }
    await client.query(`set role ${owner}`);
    for (const { schema, parent, table, bound } of kept.partitions) {
      await client.query(`create table if not exists ${schema}."${table}" partition of ${schema}."${parent}" ${bound}`);
    }
    await client.query("reset role; set session_replication_role = replica");
    for (const { schema, table, columns, rows } of kept.tables) {
      const names = columns.map((column) => `"${column}"`).join(", ");
      await client.query(`delete from ${schema}."${table}"`);
      await client.query(
        `insert into ${schema}."${table}" (${names}) overriding system value
         select ${names} from json_populate_recordset(null::${schema}."${table}", $1::json)`,
        [rows],
      );
    }
    for (const { schema, name, last } of kept.sequences) {
      await client.query("select setval($1::regclass, $2)", [`${schema}."${name}"`, last]);
    }
  });
}

let app: App;
let office: Office;
let owner: pg.Pool;
let drop: () => Promise<unknown> = async () => {};
const people: Record<string, string> = Object.fromEntries(
  rowsOf("auth", "users").map((row) => [String(row["login"]), String(row["user_id"])]),
);

before(async () => {
  const { admin: server } = await testServer();
  const admin = { ...server, database: `popug_upgrade_${randomBytes(6).toString("hex")}` };
  await onServer(server, (client) =>
    client.query(`create database ${admin.database} template template0 encoding 'UTF8'`),
  );
  drop = () => onServer(server, (client) => client.query(`drop database ${admin.database} with (force)`));
  await bringBack(admin);
  mkdirSync(settings.secretsDir, { mode: 0o700 });
  writeFileSync(join(settings.secretsDir, "database-roles"), ROLE_SECRET, { mode: 0o600 });
  const config = {
    ...readConfig({ demo: true }, {}),
    port: 0,
    rolePrefix: ROLE_PREFIX,
    ratePerSecond: 100_000,
    settings,
  };
  app = await startApp(config, {
    log: pino({ level: process.env["POPUG_LOG"] ?? "silent" }),
    onLost: assert.fail,
    database: { adminOf: () => admin, notes: [], pid: () => null, stop: async () => {} },
    loops: false,
  });
  const auth = app.services.get("auth");
  assert(auth);
  owner = openPool(admin, { schema: "popug", size: 2, name: "test", onError: () => {} });
  const { as } = peopleAt(app.url, auth.sql, settings);
  office = officeOf({ as, people, settle: app.settle } as TestApp);
});
after(async () => {
  await app?.stop();
  await owner?.end();
  await drop();
  rmSync(folder, { recursive: true, force: true });
});

const verified = async () => {
  const { findings, underway } = await verifyInstallation(app.config);
  return { findings, underway };
};

test("the start runs what has been written since then, each once, and nothing that was there is gone", async () => {
  const sql = sqlOn(owner);
  let added = 0;
  for (const { name } of services) {
    const [row] = await sql<{ now: number }>(`select count(*) as now from ${name}.migration`);
    const then = rowsOf(name, "migration").length;
    assert(then > 0 && (row?.now ?? 0) >= then, name);
    added += (row?.now ?? 0) - then;
  }
  assert(added > 5, "the data are of an earlier version");
  for (const { schema, table, rows } of kept.tables) {
    if (["migration", "log_source"].includes(table)) continue;
    const [row] = await sql<{ now: number }>(`select count(*) as now from ${schema}."${table}"`);
    assert.equal(row?.now, JSON.parse(rows).length, `${schema}.${table}`);
  }
  const [source] = await sql<{ epoch: number }>("select epoch from accounting.log_source");
  assert.equal(source?.epoch, 2, "this is not the database in which the positions were given");
});

test("the books of that version agree before anything moves, and after what was under way has gone through", async () => {
  assert.deepEqual((await verified()).findings, []);
  await app.settle();
  assert.deepEqual(await verified(), { findings: [], underway: [] });
});

test("the company goes on: a day is worked, closed and proved, and what people had is there", async () => {
  const before = await office.tasks();
  assert(before.length > 10);
  await office.createMany(20);
  await app.settle();
  for (const task of (await office.tasks()).filter(({ status }) => status === "in_progress").slice(0, 10)) {
    assert.equal((await office.done(task)).status, 200);
  }
  assertClosed(await office.closeNow());
  const ids = new Set((await office.tasks()).map(({ id }) => id));
  assert(before.every(({ id }) => ids.has(id)));
  assert.deepEqual(await verified(), { findings: [], underway: [] });
});
