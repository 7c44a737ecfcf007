/** Data that is set back: a copy of the files put in the place of newer ones, and a standby that is promoted. */
import assert from "node:assert/strict";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type EmbeddedPostgres, startPostgres } from "../../src/platform/embedded/postgres.ts";
import { openPool, sqlOn } from "../../src/platform/database.ts";
import type { Sql } from "../../src/platform/service.ts";
import { SERVICES } from "../kit/databases.ts";
import { onServer } from "../kit/server.ts";
import { leftToDo } from "../kit/rest.ts";
import { type Instance, newFolder, noteOf, popug, start, until } from "./popug.ts";

const bounded = { timeout: 240_000 };
/** All that has to survive: the data folder of a company that has stopped, and where its logs ended then. */
let copy: string;
let ends: Map<string, number>;
/** Where a browser stood that has seen what was lost afterwards. */
let lostPlace: string;

const run = async (instance: Pick<Instance, "dataDir">, ...words: string[]) => {
  const { code, out, err } = await popug(words, { POPUG_DATA: instance.dataDir }).ended;
  assert.equal(code, 0, `${words.join(" ")}: ${out}${err}`);
  return out;
};
const stop = async (instance: Instance) => {
  instance.child.kill("SIGINT");
  assert.equal((await instance.ended).code, 0);
};

/** A token names the address of its instance, and each start has another one. */
const tokenOf = async (instance: Instance) => (await run(instance, "token", "polina.zernova")).trim();

/** Somebody works, and the day is closed. */
async function play(instance: Instance, title: string): Promise<void> {
  const csv = ["title", ...Array.from({ length: 12 }, (_, n) => `${title} ${n}`)].join("\n");
  const { code, err } = await popug(["import", "tasks", "-"], { POPUG_DATA: instance.dataDir }, csv).ended;
  assert.equal(code, 0, err);
  const closed = JSON.parse(await run(instance, "period", "close", "--wait", "--json"));
  assert.equal(closed.status, "closed");
  await rest(instance);
}

/** What the stream of changes answers to somebody who stood at `lastId`, and the place it gives out. */
async function listen(instance: Instance, lastId?: string): Promise<{ status: number; id: string | undefined }> {
  const gone = new AbortController();
  const token = await tokenOf(instance);
  const response = await fetch(`${instance.url}/api/changes`, {
    headers: { authorization: `Bearer ${token}`, ...(lastId && { "last-event-id": lastId }) },
    signal: gone.signal,
  });
  const first = await response.body?.getReader().read();
  gone.abort();
  return { status: response.status, id: /^id: (.*)$/m.exec(new TextDecoder().decode(first?.value))?.[1] };
}

/** Statements in its database, as its owner. */
async function look<T>(instance: Instance, work: (sql: Sql) => Promise<T>): Promise<T> {
  const admin = noteOf(instance).databases["auth"] ?? assert.fail();
  const pool = openPool(admin, { schema: "popug", size: 1, name: "test", onError: () => {} });
  try {
    return await work(sqlOn(pool));
  } finally {
    await pool.end();
  }
}
const ask = <Row>(instance: Instance, text: string) => look(instance, (sql) => sql<Row>(text));
const rest = (instance: Instance) =>
  look(instance, (sql) => until("all is done", async () => (await leftToDo(() => sql)).length === 0));
const ofAll = (select: (service: string) => string) => SERVICES.map(select).join(" union all ");
const epochs = async (instance: Instance) =>
  (
    await ask<{ epoch: number }>(
      instance,
      ofAll((service) => `select epoch from ${service}.log_source`),
    )
  ).map((row) => row.epoch);
const headsOf = async (instance: Instance) => {
  const rows = await ask<{ place: string; position: number }>(
    instance,
    ofAll((service) => `select '${service} ' || partition as place, position from ${service}.log_head`),
  );
  return new Map(rows.map(({ place, position }) => [place, position]));
};

/** What stood in the logs has its epoch still, what came since has this one, and all have read it under this one. */
async function assertFollowed(instance: Instance, from: Map<string, number>, epoch: number): Promise<void> {
  const logged = await ask<{ place: string; epoch: number; first: number }>(
    instance,
    ofAll(
      (service) =>
        `select '${service} ' || partition as place, epoch, min(position) as first from ${service}.log group by partition, epoch`,
    ),
  );
  const newest = logged.filter((row) => row.epoch === epoch);
  assert(newest.length > 20, "the day has moved most partitions of what says something");
  for (const { place, first } of newest) assert.equal(first, (from.get(place) ?? 0) + 1, place);
  const behind = await ask(
    instance,
    SERVICES.flatMap((reader) =>
      SERVICES.map(
        (source) =>
          `select '${reader}' as reader, c.source, c.partition from ${reader}.cursor c
             join ${source}.log_head h on c.source = '${source}' and h.partition = c.partition
             join ${source}.log l on l.partition = h.partition and l.position = h.position
            where c.position <> h.position or c.epoch <> l.epoch`,
      ),
    ).join(" union all "),
  );
  assert.deepEqual(behind, []);
}

before(async () => {
  const instance = await start();
  await play(instance, "Kept");
  ends = await headsOf(instance);
  await stop(instance);
  copy = join(newFolder(), "backup");
  cpSync(instance.dataDir, copy, { recursive: true });
  // Life goes on, and all of it is going to be lost.
  const second = await start({ dataDir: instance.dataDir });
  await play(second, "Lost");
  lostPlace = (await listen(second)).id ?? assert.fail();
  await stop(second);
  rmSync(instance.dataDir, { recursive: true, force: true });
}, bounded);

test(
  "a copy of the data that takes the place of newer data goes on under a new epoch, and its books agree",
  bounded,
  async () => {
    const dataDir = newFolder();
    cpSync(copy, dataDir, { recursive: true });
    assert.match(await run({ dataDir }, "restored"), /^The epoch of every log is raised/);
    const instance = await start({ dataDir });
    assert.deepEqual(await epochs(instance), [2, 2, 2, 2, 2]);
    assert.equal((await listen(instance, lostPlace)).status, 400, "who has seen what is lost begins anew");
    await play(instance, "Anew");
    await assertFollowed(instance, ends, 2);
    const tasks = await ask<{ title: string }>(instance, "select title from tasks.task where title ~ '^(Lost|Anew)'");
    assert(tasks.length === 12 && tasks.every(({ title }) => title.startsWith("Anew")));
    assert.equal((await fetch(`${instance.url}/readyz`)).status, 200);
    await run(instance, "verify");
    const here = await listen(instance);
    assert.equal((await listen(instance, here.id)).status, 200);
    await stop(instance);
    const again = await start({ dataDir });
    assert.deepEqual(await epochs(again), [2, 2, 2, 2, 2], "an ordinary start raises nothing");
    assert.equal((await listen(again, here.id)).status, 200, "and whoever listened goes on where they were");
    await stop(again);
  },
);

let server: EmbeddedPostgres | undefined;
after(async () => server?.stop("immediate"));

test(
  "a standby is refused with a sentence; once it is promoted, the epoch is raised by the start itself",
  bounded,
  async () => {
    const dataDir = newFolder();
    cpSync(copy, dataDir, { recursive: true });
    const signal = join(dataDir, "postgres", "standby.signal");
    writeFileSync(signal, "");
    const refused = await popug(["start", "--demo"], { POPUG_DATA: dataDir, POPUG_PORT: "0" }).ended;
    assert.equal(refused.code, 1, refused.err);
    assert.equal(refused.err, "This PostgreSQL server is a standby; Popug only works on the primary.\n");

    // Much that it has to replay, so that the checkpoint after its promotion takes minutes: until then, it tells the old timeline.
    rmSync(signal);
    const promoted = { dataDir: join(dataDir, "postgres"), settings: { fsync: "off" } };
    server = await startPostgres(promoted);
    await onServer(server.connection, (client) =>
      client.query("create table much as select n, repeat('x', 500) as x from generate_series(1, 60000) n"),
    );
    await server.stop("immediate");
    writeFileSync(signal, "");
    server = await startPostgres(promoted);
    const { rows } = await onServer(server.connection, (client) =>
      client.query("select pg_promote() as promoted, (pg_control_checkpoint()).timeline_id as told"),
    );
    assert.deepEqual(rows, [{ promoted: true, told: 1 }]);
    const DATABASE_URL = `postgres://postgres@localhost/popug?host=${encodeURIComponent(server.connection.host)}`;
    const instance = await start({ dataDir, env: { DATABASE_URL } });
    assert.deepEqual(await epochs(instance), [2, 2, 2, 2, 2]);
    assert.equal((await listen(instance, lostPlace)).status, 400);
    await play(instance, "Anew");
    await assertFollowed(instance, ends, 2);
    const { code, out } = await popug(["verify"], { POPUG_DATA: dataDir, DATABASE_URL }).ended;
    assert.equal(code, 0, out);
    await stop(instance);
  },
);
