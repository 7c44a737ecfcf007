/** Old segments of the logs are looked for every hour, whatever happened before, and not after the process has stopped. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import pg from "pg";
import { type Logger, pino } from "pino";
import { homesOf } from "../../../src/app/homes.ts";
import { keepShort, shortenLogs } from "../../../src/app/retention.ts";
import { startTestApp } from "../../kit/app.ts";
import { type Books, openBooks } from "./books.ts";

const HOUR_MS = 3_600_000;
const LOOKED = "looked for old segments of the logs";
type Line = { msg: string; loop?: string; kept?: string[]; failures?: number; retryInMs?: number };

let books: Books;
/** No pool: its timers would be those of the test. */
let client: pg.Client;
before(async () => {
  books = await openBooks({ segmentSize: 8 });
  client = new pg.Client(books.installation.admin);
  await client.connect();
});
after(async () => {
  await client?.end();
  await books?.stop();
});

/** What the process says, line by line. */
function listening(): { log: Logger; lines: Line[]; next: () => Promise<Line> } {
  const lines: Line[] = [];
  let heard = () => {};
  const write = (line: string) => {
    lines.push(JSON.parse(line) as Line);
    heard();
  };
  const next = async () => {
    while (lines.length === 0) {
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
    // By then it pauses.
    await setImmediate();
    return lines.shift() ?? assert.fail();
  };
  return { log: pino({ level: "info" }, { write }), lines, next };
}

test("it looks at once and each hour, goes on after an error, and ends when it is stopped", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const homes = homesOf(books.services, () => books.installation.admin, books.installation);
  const { log, lines, next } = listening();
  /** As much as it would have to do if it looked. */
  const meanwhile = async () => {
    await shortenLogs(homes, 30);
    await setImmediate();
  };

  const loop = keepShort(homes, 30, log);
  const first = await next();
  assert.equal(first.msg, LOOKED);
  assert.deepEqual(
    first.kept,
    ["auth", "tasks", "accounting"].map((source) => `${source}, segment 0: it is not full in every partition`),
  );
  t.mock.timers.tick(HOUR_MS - 1);
  await meanwhile();
  assert.deepEqual(lines, []);
  await client.query("alter table tasks.log_source rename to gone");
  t.mock.timers.tick(1);
  const failed = await next();
  assert.deepEqual([failed.msg, failed.loop, failed.failures], ["pass failed, will be repeated", "retention", 1]);
  await client.query("alter table tasks.gone rename to log_source");
  t.mock.timers.tick((failed.retryInMs ?? assert.fail()) + 1);
  assert.equal((await next()).msg, LOOKED);
  t.mock.timers.tick(HOUR_MS);
  assert.equal((await next()).msg, LOOKED);

  loop.wake();
  await setImmediate();
  await loop.stop();
  assert.equal((await next()).msg, LOOKED, "the look that had begun came to its end");
  t.mock.timers.tick(2 * HOUR_MS);
  await meanwhile();
  assert.deepEqual(lines, []);
});

test("a process that is told to keep the logs short does so from its start until its end", async () => {
  const { log, lines, next } = listening();
  const app = await startTestApp({ people: 0, config: { logDays: 30 }, log });
  let line = await next();
  while (line.msg !== LOOKED) line = await next();
  assert.equal(line.kept?.length, 5);
  await app.stop();
  assert(!lines.some(({ loop }) => loop === "retention"));
});
