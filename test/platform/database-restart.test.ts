import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { pino } from "pino";
import { openDatabase } from "../../src/app/database.ts";
import { readConfig } from "../../src/config.ts";
import { isTransient, openPool, sqlOn } from "../../src/platform/database.ts";

const RECOVERED_WITHIN_MS = 60_000;

test("after a crash of the embedded server the open pools find the next one, with all that was committed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "popug-restart-"));
  const config = readConfig({ demo: true }, { POPUG_DATA: folder });
  let lost: Error | undefined;
  const database = await openDatabase(config, pino({ level: "silent" }), (reason) => {
    lost = reason;
  });
  const pool = openPool(database.admin, { schema: "public", size: 2, name: "test", onError: () => {} });
  const sql = sqlOn(pool);
  try {
    await sql("create table kept (n int)");
    for (let crash = 1; crash <= 2; crash++) {
      await sql("insert into kept values ($1)", [crash]);
      const before = database.pid();
      assert(before !== null);
      process.kill(before, "SIGQUIT");
      const deadline = Date.now() + RECOVERED_WITHIN_MS;
      for (;;) {
        assert.equal(lost, undefined);
        assert(Date.now() < deadline, "the pool does not find the server any more");
        const rows = await sql<{ n: number }>("select n from kept order by n").catch((error: unknown) => {
          if (!isTransient(error)) throw error;
          return undefined;
        });
        // An answer of the server that is just ending does not count.
        if (rows !== undefined && database.pid() !== before) {
          assert.deepEqual(
            rows.map(({ n }) => n),
            Array.from({ length: crash }, (_, i) => i + 1),
          );
          break;
        }
        await delay(20);
      }
    }
  } finally {
    await pool.end();
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
