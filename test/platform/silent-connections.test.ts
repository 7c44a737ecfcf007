/** Connections to PostgreSQL that fall silent without an end, as behind a firewall that lost its memory. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { pino } from "pino";
import { listen } from "../../src/app/listen.ts";
import { type Connection, isTransient, openPool, sqlOn } from "../../src/platform/database.ts";
import { LOG_CHANNEL } from "../../src/platform/sequencer.ts";
import { cloneDatabase, onServer } from "../kit/server.ts";
import { type Link, openLink } from "../kit/tcp-proxy.ts";
import { until } from "../kit/until.ts";

let database: Awaited<ReturnType<typeof cloneDatabase>>;
let link: Link;
let connection: Connection;
before(async () => {
  database = await cloneDatabase();
  const { host, port } = database.admin;
  link = await openLink(host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port });
  connection = { ...database.admin, host: "127.0.0.1", port: link.port };
});
after(async () => {
  await link?.close();
  await database?.drop();
});

test("a statement without an answer fails as transient, in a transaction too, and the next one finds another connection", async () => {
  const pool = openPool(connection, {
    ...{ schema: "popug", size: 2, name: "test", onError: () => {}, answerWithinMs: 500 },
  });
  const sql = sqlOn(pool);
  const [idle, busy] = [await pool.connect(), await pool.connect()];
  idle.release();
  await busy.query("begin");
  link.forget();
  await assert.rejects(busy.query("select 2"), isTransient);
  busy.release(true);
  await assert.rejects(sql("select 3"), isTransient);
  assert.deepEqual(await sql("select 4 as four"), [{ four: 4 }]);
  await pool.end();
});

test("who listens notices that nobody speaks any more, and hears again", async () => {
  const heard: (string | null)[] = [];
  const ear = listen(
    connection,
    { onLogged: (source) => heard.push(source), onLeft: () => {} },
    pino({ level: "silent" }),
  );
  const hears = (source: string) =>
    until(
      async () => {
        await onServer(database.admin, (client) => client.query("select pg_notify($1, $2)", [LOG_CHANNEL, source]));
        return heard.includes(source) || undefined;
      },
      { withinMs: 20_000, everyMs: 100, late: () => `${source} is not heard` },
    );
  await hears("before");
  link.forget();
  await hears("after");
  await ear.stop();
});

const SOCKETS = "/proc/net/tcp";

test("a connection that is idle asks by itself, after ten seconds, whether the other side is still there", {
  skip: !existsSync(SOCKETS) && "there is no list of sockets here",
}, async () => {
  const pool = openPool(connection, { ...{ schema: "popug", size: 1, name: "test", onError: () => {} } });
  await sqlOn(pool)("select 1");
  const server = `0100007F:${link.port.toString(16).toUpperCase().padStart(4, "0")}`;
  const timers = readFileSync(SOCKETS, "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote, state]) => remote === server && state === "01")
    .map(([, , , , , timer]) => timer?.split(":") ?? []);
  await pool.end();
  assert(timers.length > 0);
  // By the kernel's count: 2 is the timer that keeps alive, its time is in hundredths of a second.
  for (const [kind, left = ""] of timers)
    assert(kind === "02" && Number.parseInt(left, 16) <= 1_000, `${kind} ${left}`);
});
