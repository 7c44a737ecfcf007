/** What people were told is there, once: asked when the faults are over and everything has come to rest. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Sql } from "../../src/platform/service.ts";
import { leftToDo } from "../kit/rest.ts";
import { until } from "../kit/until.ts";
import type { Load, Workplace } from "./load.ts";

const REST_WITHIN_MS = 120_000;
/**
 * Mails that a killed process had claimed are taken over after minutes; here, that time has passed. Who lives claims what it sends
 * within seconds, and goes on with it.
 */
const OVERDUE_MAILS = `
  update notifications.mail m set claimed_at = m.claimed_at - interval '1 hour', next_attempt_at = clock_timestamp()
    from (select id from notifications.mail
           where (status = 'queued' and next_attempt_at > clock_timestamp())
              or (status = 'sending' and claimed_at < clock_timestamp() - interval '20 s')
             for update skip locked) as overdue
   where m.id = overdue.id`;

/** Closes the open period, and waits until every period that ended is closed and all mails are out. */
export async function comeToRest(workplace: Workplace, ownerOf: (service: string) => Sql): Promise<void> {
  const open = (await workplace.request("accountant", "GET", "/periods?limit=1")).body.items[0];
  await workplace.request("accountant", "POST", `/periods/${open.number}/close`, {});
  let left: string[] = [];
  let letters: unknown[] = [];
  await until(
    async () => {
      await ownerOf("notifications")(OVERDUE_MAILS);
      const [registration] = await ownerOf("tasks")<{ period: number }>("select period from tasks.registration");
      left = registration?.period === open.number ? ["the period has not ended"] : await leftToDo(ownerOf);
      letters = await ownerOf("accounting")(
        "select partition, position, type, period, status, reason from accounting.dead_letter limit 3",
      );
      return left.length === 0 || undefined;
    },
    {
      withinMs: REST_WITHIN_MS,
      everyMs: 200,
      late: () => `it does not come to rest: ${JSON.stringify({ left, letters })}\n${workplace.said()}`,
    },
  );
}

/** The tasks are those that were acknowledged, done those that were acknowledged as done, and so are their events. */
export async function assertAllThereOnce(tasksOwner: Sql, load: Load): Promise<void> {
  const tasks = await tasksOwner<{ id: string; title: string; status: string }>(
    "select task_id as id, title, status from tasks.task",
  );
  assert.deepEqual(
    tasks.map(({ title, id }) => `${title} ${id}`).sort(),
    [...load.created].map(([title, id]) => `${title} ${id}`).sort(),
    "the tasks are those that were acknowledged, each once",
  );
  const done = tasks.filter(({ status }) => status === "done").map(({ id }) => id);
  assert.deepEqual(done.sort(), [...load.done].sort(), "done is what was acknowledged as done");
  const events = await tasksOwner<{ type: string; n: number; keys: number }>(
    `select type, count(*) as n, count(distinct key) as keys from tasks.log
      where type in ('task.created', 'task.done') group by type order by type`,
  );
  const expected = { "task.created": load.created.size, "task.done": load.done.size };
  for (const { type, n, keys } of events) {
    assert.deepEqual([n, keys], [expected[type as never], expected[type as never]], type);
  }
}

/** Every mail is there once, as a file, whole. */
export async function assertMailsOut(ownerOf: (service: string) => Sql, dataDir: string): Promise<void> {
  const [mails] = await ownerOf("notifications")<{ n: number; sent: number; periods: number }>(
    `select count(*) as n, count(*) filter (where status = 'sent') as sent, count(distinct period) as periods
       from notifications.mail`,
  );
  const [closed] = await ownerOf("accounting")<{ n: number }>("select count(*) as n from accounting.closing");
  assert.deepEqual([mails?.sent, mails?.periods], [mails?.n, closed?.n], "all mails of all closed periods are out");
  const files = await readdir(join(dataDir, "mailbox"));
  assert.equal(files.filter((file) => file.endsWith(".eml")).length, mails?.n);
}
