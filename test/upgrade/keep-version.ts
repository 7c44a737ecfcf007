/**
 * Makes the data of this version, for the versions to come: `node bin/run.mjs test/upgrade/keep-version.ts data.json.gz`.
 * Some days of a small company, in which there is a little of everything that its tables hold.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { officeOf } from "../journeys/office.ts";
import { startTestApp } from "../kit/app.ts";
import { SERVICES } from "../kit/databases.ts";
import { fillCompany } from "../services/accounting/paid-company.ts";

/** A table with all its rows, as PostgreSQL writes them in JSON. */
export type KeptTable = { schema: string; table: string; columns: string[]; rows: string };
export type Kept = {
  tables: KeptTable[];
  partitions: { schema: string; parent: string; table: string; bound: string }[];
  sequences: { schema: string; name: string; last: number }[];
};

/** Plays the days, and returns all that is in the database then. */
async function playAndKeep(): Promise<Kept> {
  const app = await startTestApp({
    loops: false,
    people: [
      { login: "manager", roles: ["manager"] },
      { login: "accountant", roles: ["accountant", "manager"] },
      ...["worker1", "worker2", "worker3"].map((login) => ({ login, roles: ["worker"] })),
    ],
  });
  const office = officeOf(app);
  const company = fillCompany(app);
  const ok = async (answer: Promise<{ status: number; body: unknown }>) => {
    const { status, body } = await answer;
    assert(status < 300, JSON.stringify(body));
  };
  const csv = "login,amount\nworker1,12.50\nworker2,-3\n";
  await ok(app.as("accountant").post("/opening-balances/import", { csv, currency: "USD" }));
  for (const login of ["worker1", "worker2", "worker3"]) await company.setDetails(login);
  await company.payDay();
  const move = (login: string, step: string, body?: unknown) =>
    ok(app.as("accountant").post(`/payouts/1/${app.people[login]}/${step}`, body));
  for (const login of ["worker1", "worker2"]) await move(login, "sent");
  await move("worker1", "confirmed");
  await move("worker2", "failed", { reason: "the account is closed" });
  await office.createMany(12);
  await app.settle();
  const [first, another, third] = await office.tasks();
  assert(first && another && third);
  for (const task of [first, another]) assert.equal((await office.done(task)).status, 200);
  await ok(app.as(office.loginOf(first.assigneeId) ?? "").post(`/tasks/${first.id}/reopen`));
  await ok(app.as("manager").post(`/tasks/${third.id}/cancel`, { reason: "written down twice" }));
  await ok(app.as("manager").post("/shuffles"));
  await app.settle();
  await office.midnight();
  await office.createMany(6);
  const day = (await office.openPeriod()).businessDate;
  const away = { userId: app.people["worker3"], firstDay: day, lastDay: day, reassign: false, note: "the nest" };
  await ok(app.as("worker3").post("/absences", away));
  await office.change("worker1", { name: "Worker the First" });
  await app.settle();
  const kept = await keep(app.owner);
  await app.stop();
  return kept;
}

async function keep(owner: Awaited<ReturnType<typeof startTestApp>>["owner"]): Promise<Kept> {
  const schemas = ["popug", ...SERVICES];
  const columns = await owner<{ schema: string; table: string; columns: string[] }>(
    `select n.nspname as schema, c.relname as table, array_agg(a.attname::text order by a.attnum) as columns
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      where n.nspname = any($1) and c.relkind in ('r', 'p') and not c.relispartition group by 1, 2 order by 1, 2`,
    [schemas],
  );
  const tables: KeptTable[] = [];
  for (const table of columns) {
    const [all] = await owner<{ rows: string | null }>(
      `select json_agg(t)::text as rows from ${table.schema}."${table.table}" t`,
    );
    if (all?.rows) tables.push({ ...table, rows: all.rows });
  }
  return {
    tables,
    partitions: await owner(
      `select n.nspname as schema, p.relname as parent, c.relname as table, pg_get_expr(c.relpartbound, c.oid) as bound
         from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
         join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = any($1) and p.relkind = 'p' and c.relkind in ('r', 'p') order by c.oid`,
      [schemas],
    ),
    sequences: await owner(
      `select schemaname as schema, sequencename as name, last_value::int as last from pg_sequences
        where schemaname = any($1) and last_value is not null order by 1, 2`,
      [schemas],
    ),
  };
}

const [file] = process.argv.slice(2);
assert(file, "name the file");
writeFileSync(file, gzipSync(JSON.stringify(await playAndKeep()), { level: 9 }));
process.exit(0);
