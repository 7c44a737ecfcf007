import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { connectionOf } from "../../src/platform/migrate.ts";
import { startSmall } from "./small.ts";

const MAX_STARTS = 10;

/** Starts the hearer until it ends by itself; returns how often it was killed. */
async function hearInProcesses(connection: unknown, before?: (start: number) => Promise<void>): Promise<number> {
  for (let kills = 0; kills <= MAX_STARTS; kills++) {
    await before?.(kills);
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
  await small.write(["note 3", 2, "killer"]);
  await small.write(...keys.map((key): [string, number] => [key, 3]));
  // The killer is in the second share; the first one gets through a first batch at each start.
  const news: string[] = [];
  const kills = await hearInProcesses(connectionOf(small.app.homes.of("ears").installation, "ears"), async (start) => {
    news.push(`note 5 ${4 + start}`);
    await small.write(["note 5", 4 + start]);
    await small.part("notes", "sequencer");
  });
  assert(kills >= 5 && kills <= 7, `killed ${kills} times`);

  const letters = await small.letters();
  assert.deepEqual(
    letters.map(({ key, status }) => `${key} ${status}`),
    ["note 3 dead", "note 3 parked"],
  );
  assert.match(letters[0]?.reason ?? "", /the process ended each time/);
  const heard = await small.heard();
  assert.deepEqual(
    heard.toSorted(),
    keys
      .flatMap((key) => (key === "note 3" ? [`${key} 1`] : [`${key} 1`, `${key} 3`]))
      .concat(news)
      .toSorted(),
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
