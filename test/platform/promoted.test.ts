/** A standby is promoted under a running Popug: a server of its own, set into recovery and promoted as PostgreSQL does it. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync, chownSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import pg from "pg";
import { pino } from "pino";
import { allContracts } from "../../src/app/services.ts";
import { isTransient } from "../../src/platform/database.ts";
import { type EmbeddedPostgres, startPostgres } from "../../src/platform/embedded/postgres.ts";
import { connectionOf, type Installation, prepareDatabase } from "../../src/platform/migrate.ts";
import { type RunningService, runService } from "../../src/platform/run-service.ts";
import { StartRefused } from "../../src/platform/start-refused.ts";
import { ears, notes, noteWritten, system } from "./small.ts";

const scratch = mkdtempSync(join(tmpdir(), "popug-promoted-"));
chmodSync(scratch, 0o755);
after(() => rmSync(scratch, { recursive: true, force: true }));
const dataDir = join(scratch, "postgres");
const services = [notes(), ears()];

type World = { server: EmbeddedPostgres; installation: Installation; note: RunningService; ear: RunningService };

async function open(): Promise<World> {
  const server = await startPostgres({ dataDir, settings: { fsync: "off" } });
  const roles = { rolePrefix: "popug", roleSecret: "a secret of at least thirty-two characters", demo: false };
  const installation = { admin: server.connection, ...roles };
  const run = (name: string) =>
    runService(services.find((service) => service.name === name) as (typeof services)[number], {
      ...{ connection: connectionOf(installation, name), poolSize: 3, log: pino({ level: "silent" }) },
      contracts: allContracts(services),
    });
  return { server, installation, note: run("notes"), ear: run("ears") };
}

async function close({ server, note, ear }: World): Promise<void> {
  await note.stop();
  await ear.stop();
  await server.stop("fast");
}

const write = ({ note }: World, n: number) =>
  note.tools.transact("test.write", system, async ({ emit }) => emit(noteWritten, { noteId: "a", n, text: "" }));
const sequence = ({ note }: World) => note.parts.get("sequencer")?.() ?? Promise.resolve(0);
const hear = ({ ear }: World) => ear.parts.get("consumer:on-note")?.() ?? Promise.resolve(0);
const heard = async ({ ear }: World) =>
  (await ear.sql<{ n: number }>("select n from heard order by at")).map((r) => r.n);
const epochs = async ({ note }: World) =>
  (await note.sql<{ epoch: number }>("select epoch from log order by position")).map((row) => row.epoch);

async function asAdmin({ server }: World, text: string): Promise<void> {
  const client = new pg.Client(server.connection);
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** What a fail-over does to the server's own files: the next start recovers until it is promoted. */
function makeStandby(): void {
  const file = join(dataDir, "standby.signal");
  writeFileSync(file, "");
  const { uid, gid } = statSync(dataDir);
  chownSync(file, uid, gid);
}

test("nothing is numbered on a standby; once it is promoted the log goes on under a new epoch, and what it lacks is noticed", async () => {
  let world = await open();
  await prepareDatabase(world.installation, services);
  await write(world, 1);
  await sequence(world);
  await hear(world);
  await close(world);

  makeStandby();
  world = await open();
  await assert.rejects(sequence(world), isTransient, "it is tried again, and people are told 503");
  await assert.rejects(
    prepareDatabase(world.installation, services),
    (error) => error instanceof StartRefused && /standby/.test(error.message),
  );
  await asAdmin(world, "select pg_promote()");
  await write(world, 2);
  await sequence(world);
  await hear(world);
  assert.deepEqual(
    [await epochs(world), await heard(world)],
    [
      [1, 2],
      [1, 2],
    ],
  );
  await write(world, 3);
  await sequence(world);
  await hear(world);
  assert.deepEqual(await epochs(world), [1, 2, 2], "one promotion raises it once");
  await close(world);

  // The next one lacks the newest event, which was heard already, as after asynchronous replication.
  makeStandby();
  world = await open();
  await asAdmin(world, "select pg_promote()");
  await asAdmin(
    world,
    "delete from notes.log where position = 3; update notes.log_head set position = 2 where position = 3",
  );
  await write(world, 33);
  await write(world, 34);
  await sequence(world);
  await assert.rejects(hear(world), /it was set back/, "33 has the position of 3: taken for it, it would be lost");
  assert.deepEqual(await heard(world), [1, 2, 3]);
  await close(world);
});
