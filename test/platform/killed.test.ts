import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { connectionOf } from "../../src/platform/migrate.ts";
import { startSmall } from "./small.ts";

const MAX_STARTS = 10;

/** Starts the hearer until it ends by itself; returns how often it was killed. */
async function hearInProcesses(connection: unknown): Promise<number> {
  for (let kills = 0; kills <= MAX_STARTS; kills++) {
    const child = spawn(process.execPath, [join(import.meta.dirname, "killed-hearer.ts"), JSON.stringify(connection)], {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    });
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    if (signal === null) {
      assert.equal(code, 0);
      return kills;
    }
    assert.equal(signal, "SIGKILL");
  }
  throw new Error("the process is killed again and again");
}

test("an event that ends the process is recognised and put aside; nothing else is, and nothing is lost", async () => {
  const small = await startSmall();
  const keys = Array.from({ length: 12 }, (_, i) => `note ${i}`);
  await small.write(...keys.map((key): [string, number] => [key, 1]));
  await small.write(["note 5", 2, "killer"]);
  await small.write(...keys.map((key): [string, number] => [key, 3]));
  await small.part("notes", "sequencer");
  const kills = await hearInProcesses(connectionOf(small.app.homes.of("ears").installation, "ears"));
  assert(kills >= 5 && kills <= 7, `killed ${kills} times`);

  const letters = await small.letters();
  assert.deepEqual(
    letters.map(({ key, status }) => `${key} ${status}`),
    ["note 5 dead", "note 5 parked"],
  );
  assert.match(letters[0]?.reason ?? "", /the process ended each time/);
  const heard = await small.heard();
  assert.deepEqual(
    heard.toSorted(),
    keys.flatMap((key) => (key === "note 5" ? [`${key} 1`] : [`${key} 1`, `${key} 3`])).toSorted(),
  );
  const [slow] = await small.sql("ears")<{ behind: number }>(
    `select sum(h.position - c.position) as behind from cursor c
       join notes.published_head h using (partition) where c.consumer = 'on-note-slowly'`,
  );
  assert.equal(slow?.behind, "0");

  await small.write(["note 6", 4]);
  await small.part("notes", "sequencer");
  assert.equal(
    await hearInProcesses(connectionOf(small.app.homes.of("ears").installation, "ears")),
    0,
    "the next start is an ordinary one",
  );
});
