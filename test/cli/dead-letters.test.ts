/** Events that could not be applied, by the command line of a running company: seen, tried again alone, in a group, mended, given up. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import pg from "pg";
import { partitionOf } from "../../src/platform/outbox.ts";
import { type Instance, newFolder, noteOf, popug, start, until } from "./popug.ts";

type Letter = Record<"id" | "service" | "consumer" | "type" | "status" | "reason" | "key", string> & {
  period: number | null;
  attempts: number;
  discardBy: string | null;
  discardReason: string | null;
  editedBy: string | null;
  data: Record<string, unknown>;
  dataBefore: Record<string, unknown> | null;
};

const bounded = { timeout: 240_000 };
let demo: Instance;
/** Their tasks by title, in the order of the file. */
let tasks: string[] = [];
const ids: Record<string, string> = {};
before(async () => {
  demo = await start();
  for (const table of ["accounting.task", "analytics.task_title"]) {
    await sql(
      table,
      `create function ${table.replace(".", ".shut_")}() returns trigger language plpgsql as $$ begin raise 'the cage is shut'; end $$`,
    );
    await sql(
      table,
      `create trigger shut before insert on ${table} for each row when (new.title like 'Shut %') execute function ${table.replace(".", ".shut_")}()`,
    );
  }
  const csv = "title\nShut one\nShut two\nShut three\nOpen four\nOpen five\n";
  const imported = await run(["import", "tasks", "-"], csv);
  assert.equal(imported.code, 0, imported.err);
  const known = await sql<{ task_id: string }>("tasks.task", "select task_id from tasks.task order by title desc");
  tasks = known.map((task) => task.task_id);
  for (const { login, user_id } of await sql<{ login: string; user_id: string }>(
    "auth.person",
    "select login, user_id from auth.person",
  ))
    ids[login] = user_id;
});

const run = (words: string[], input?: string) => popug(words, { POPUG_DATA: demo.dataDir }, input).ended;
async function good(words: string[], input?: string): Promise<string> {
  const { code, out, err } = await run(words, input);
  assert.equal(code, 0, `${err}${out}`);
  return out;
}
/** As the administrator of the database of that table. */
async function sql<T>(table: string, text: string, params: unknown[] = []): Promise<T[]> {
  const client = new pg.Client(noteOf(demo).databases[table.split(".")[0] ?? ""]);
  await client.connect();
  try {
    return (await client.query(text, params)).rows as T[];
  } finally {
    await client.end();
  }
}
const list = async (...words: string[]): Promise<Letter[]> =>
  (await good(["dead-letters", ...words, "--json"]))
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Letter);
const dead = async (service: string) => (await list("list", "--status", "dead")).filter((it) => it.service === service);
const untilOpen = (count: number) => until(`${count} open letters`, async () => (await list()).length === count);

test("what could not be applied is listed with its reason, and what waits behind it", bounded, async () => {
  await untilOpen(12);
  assert.deepEqual(
    (await dead("accounting")).map(({ key, reason }) => [key, reason]).toSorted(),
    shut(tasks.slice(0, 3)),
  );
  assert.deepEqual(
    (await dead("analytics")).map(({ key, reason }) => [key, reason]).toSorted(),
    shut(tasks.slice(0, 3)),
  );
  const table = await good(["dead-letters"]);
  assert.match(table, /^id +status +service +consumer +type +period +tried +reason\n/);
  assert.equal(table.match(/ dead +accounting +on-task +task\.created .*the cage is shut$/gm)?.length, 3);
  assert.equal(table.match(/ parked +analytics +on-task +task\.updated /gm)?.length, 3);
});
const shut = (keys: string[]) => keys.map((key) => [key, "the cage is shut"]).toSorted();

test(
  "one is tried again: refused once more it says why; when the cause is gone it goes through, and what waited follows",
  bounded,
  async () => {
    const [letter] = await dead("accounting");
    assert(letter);
    const again = await run(["dead-letters", "redrive", letter.id]);
    assert.equal(again.code, 1);
    assert.match(again.err, /task\.created is dead again: the cage is shut/);
    for (const table of ["accounting.task", "analytics.task_title"]) await sql(table, `drop trigger shut on ${table}`);
    assert.equal(await good(["dead-letters", "redrive", letter.id]), "task.created went through accounting on-task.\n");
    await untilOpen(10);
    assert.deepEqual(
      (await list("list", "--status", "redriven")).map(({ key, type }) => [key, type]),
      [
        [letter.key, "task.created"],
        [letter.key, "task.updated"],
      ],
    );
  },
);

test("a group is tried again: those of one consumer, then all, each with what waits behind it", bounded, async () => {
  assert.match((await run(["dead-letters", "redrive", "--consumer", "nobody"])).err, /no open dead letter of nobody/);
  const out = await good(["dead-letters", "redrive", "--consumer", "accounting/on-task"]);
  assert.match(out, /^Tried again: 2 dead letters; what is parked behind follows\.$/m);
  await untilOpen(6);
  assert((await list()).every(({ service, attempts }) => service === "analytics" && attempts === 1));
  assert.match(await good(["dead-letters", "redrive", "--all"]), /^Tried again: 3 dead letters;/);
  await untilOpen(0);
  const fees = await sql<{ count: string }>(
    "accounting.posting",
    "select count(*) from accounting.posting where kind = 'fee'",
  );
  assert.deepEqual(fees, [{ count: "5" }]);
});

/** Says something about a task that nobody can read: which change it was is missing. */
async function illSaid(taskId: string) {
  const data = { taskId, title: "Mended", jiraId: null, assigneeId: null, isDone: false };
  await sql(
    "tasks.outbox",
    `insert into tasks.outbox (partition, id, type, version, key, period, time, correlation_id, actor, command, data)
     values ($1, gen_random_uuid(), 'task.updated', 2, $2, (select period from tasks.registration), popug.business_now(),
             gen_random_uuid(), 'system:test', 'test.write', $3)`,
    [partitionOf(taskId), taskId, data],
  );
  await untilOpen(2);
  const letter = (service: string) => dead(service).then(([found]) => found ?? assert.fail(`none of ${service}`));
  return { data, accounting: await letter("accounting"), analytics: await letter("analytics") };
}

test("a mended copy is tried: not with another key; with who mended it and what it was before", bounded, async () => {
  const taskId = tasks[3] ?? "";
  const { data, accounting, analytics } = await illSaid(taskId);
  const mend = (letter: Letter, text: string) =>
    run(["dead-letters", "redrive", letter.id, "--data", "-", "--as", "arthur.crest"], text);
  const other = await mend(accounting, JSON.stringify({ ...data, change: "edited", taskId: tasks[4] }));
  assert.equal(other.code, 1);
  assert.match(other.err, /is dead again: an edit must not change the key: taskId has to stay/);
  assert.match((await mend(accounting, "[1]")).err, /not a JSON object/);
  assert.equal((await dead("accounting")).length, 1);

  const file = join(newFolder(), "mended.json");
  writeFileSync(file, JSON.stringify({ ...data, change: "edited" }));
  const words = ["dead-letters", "redrive", accounting.id.slice(0, 35), "--data", file, "--as", "arthur.crest"];
  assert.match(await good(words), /^task\.updated went through/);
  assert.equal((await mend(analytics, JSON.stringify({ ...data, change: "edited" }))).code, 0);
  const [kept] = (await list("list", "--status", "redriven")).filter(({ id }) => id === accounting.id);
  assert.deepEqual(
    [kept?.editedBy, kept?.dataBefore, kept?.data["change"], kept?.key],
    [ids["arthur.crest"], data, "edited", taskId],
  );
});

test(
  "usage that names no letter, or several things at once, is refused before anything is asked for",
  bounded,
  async () => {
    for (const words of [[], ["0192", "--all"], ["--all", "--consumer", "on-task"]]) {
      assert.match((await run(["dead-letters", "redrive", ...words])).err, /Name one letter, or a group/);
    }
    assert.match((await run(["dead-letters", "redrive", "--all", "--data", "-"], "{}")).err, /--data mends one letter/);
  },
);

test(
  "a discard about money takes a reason and a second person; the day closes then, and its books verify",
  bounded,
  async () => {
    const { accounting, analytics } = await illSaid(tasks[4] ?? "");
    const give = (letter: Letter, reason: string, as: string) =>
      run(["dead-letters", "discard", letter.id, "--reason", reason, "--as", as]);
    assert.equal((await run(["dead-letters", "discard", accounting.id])).code, 2);
    assert.match((await give(accounting, "said by nobody", "polina.zernova")).out, /another admin has to confirm/);
    const twice = await give(accounting, "really", "polina.zernova");
    assert.equal(twice.code, 1);
    assert.match(twice.err, /somebody else has to confirm/);
    assert.equal((await dead("accounting")).length, 1);
    assert.equal((await give(accounting, "so it is", "arthur.crest")).out, "task.updated is discarded.\n");
    assert.equal((await give(analytics, "figures do not need it", "arthur.crest")).out, "task.updated is discarded.\n");
    assert.deepEqual(
      (await list("list", "--status", "discarded"))
        .map(({ service, discardBy, discardReason }) => [service, discardBy, discardReason])
        .toSorted(),
      [
        ["accounting", `${ids["polina.zernova"]}, ${ids["arthur.crest"]}`, "said by nobody; so it is"],
        ["analytics", ids["arthur.crest"], "figures do not need it"],
      ],
    );
    const closed = JSON.parse(await good(["period", "close", "--wait", "--json"]));
    assert.deepEqual([closed.status, closed.totals.discardedCount], ["closed", 1]);
    await good(["verify"]);
  },
);
