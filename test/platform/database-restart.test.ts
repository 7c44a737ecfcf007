import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pino } from "pino";
import { openDatabase } from "../../src/app/database.ts";
import { readConfig } from "../../src/config.ts";
import { isTransient, openPool, sqlOn } from "../../src/platform/database.ts";
import { until } from "../kit/until.ts";

const RECOVERED_WITHIN_MS = 60_000;

test("after a crash of the embedded server the open pools find the next one, with all that was committed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "popug-restart-"));
  const config = readConfig({ demo: true }, { POPUG_DATA: folder });
  let lost: Error | undefined;
  const database = await openDatabase(config, pino({ level: "silent" }), (reason) => {
    lost = reason;
  });
  const pool = openPool(database.adminOf("auth"), { schema: "public", size: 2, name: "test", onError: () => {} });
  const sql = sqlOn(pool);
  try {
    await sql("create table kept (n int)");
    for (let crash = 1; crash <= 2; crash++) {
      await sql("insert into kept values ($1)", [crash]);
      const before = database.pid();
      assert(before !== null);
      process.kill(before, "SIGQUIT");
      const kept = await until(
        async () => {
          assert.equal(lost, undefined);
          const rows = await sql<{ n: number }>("select n from kept order by n").catch((error: unknown) => {
            if (!isTransient(error)) throw error;
          });
          // An answer of the server that is just ending does not count.
          return database.pid() === before ? undefined : (rows ?? undefined);
        },
        { withinMs: RECOVERED_WITHIN_MS, everyMs: 20, late: () => "the pool does not find the server any more" },
      );
      assert.deepEqual(
        kept.map(({ n }) => n),
        Array.from({ length: crash }, (_, i) => i + 1),
      );
    }
  } finally {
    await pool.end();
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
