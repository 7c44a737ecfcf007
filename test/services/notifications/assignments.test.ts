import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { taskUpdatedV2 } from "../../../src/contracts/tasks/task.updated.v2.ts";
import type { DataOf } from "../../../src/platform/contract.ts";
import { type Books, startBooks } from "./books.ts";
import { besideTransaction, crashInside, mailboxOf } from "./mailbox.ts";

type Updated = DataOf<typeof taskUpdatedV2>;

let books: Books;
let box: ReturnType<typeof mailboxOf>;
let id: (login: string) => string;

before(async () => {
  books = await startBooks();
  box = mailboxOf(books);
  id = (login) => books.app.people[login] as string;
});
after(async () => await books.stop());

const choose = async (login: string, assignments: boolean) => {
  const answer = await books.app.as(login).patch("/my/mail-choices", { assignments });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
};
/** Everybody as they began: nobody wants it, nothing waits. */
beforeEach(async () => {
  for (const login of ["worker1", "worker2", "worker3"]) await choose(login, false);
  await due();
});

const tell = (...changes: (Partial<Updated> & Pick<Updated, "taskId">)[]) =>
  books.say("tasks", (emit) => {
    for (const change of changes) {
      const state = {
        title: "Feed the parrot",
        jiraId: null,
        assigneeId: null,
        isDone: false,
        change: "assigned" as const,
      };
      emit(taskUpdatedV2, { ...state, ...change });
    }
  });
const tasks = (count: number, login: string, title = "Feed parrot") =>
  Array.from({ length: count }, (_, n) => ({
    taskId: randomUUID(),
    assigneeId: id(login),
    title: `${title} ${n + 1}`,
  }));
const gathering = async () =>
  (await box.mails()).filter(({ kind, status }) => kind === "assignments" && status === "queued");
/** Ten minutes are over. */
const due = async () => {
  await books.app.settle();
  await books.app.owner(
    "update notifications.mail set next_attempt_at = now() where kind = 'assignments' and status = 'queued'",
  );
  await books.app.settle();
};
const mailsTo = async (login: string) =>
  (await box.mails()).filter((mail) => mail.kind === "assignments" && mail.userId === id(login));
/** The texts of mails to somebody since the given ones. */
const textsTo = async (login: string, before: { key: string }[] = []) => {
  const texts: string[] = [];
  for (const { key } of await mailsTo(login)) {
    if (!before.some((known) => known.key === key)) texts.push((await box.contentOf(key)).text);
  }
  return texts;
};

test("all that is given to somebody who chose so within ten minutes is one mail, and nobody else is written to", async () => {
  await choose("worker1", true);
  await tell(...tasks(25, "worker1"), ...tasks(5, "worker2"));
  await books.app.settle();
  const [mail, ...more] = await gathering();
  assert.deepEqual([mail?.userId, more], [id("worker1"), []]);
  const [waits] = await books.app.owner<{ minutes: number }>(
    `select extract(epoch from next_attempt_at - clock_timestamp())::float8 / 60 as minutes
       from notifications.mail where key = $1`,
    [mail?.key],
  );
  assert(waits && waits.minutes > 9 && waits.minutes <= 10, `${waits?.minutes} minutes`);
  await tell(...tasks(5, "worker1", "Wash cage"));
  await due();
  const { subject, text } = await box.contentOf(mail?.key ?? "");
  assert.equal(subject, "You have 30 new tasks");
  assert.match(text, /\d\d:\d\d {2}Feed parrot \d/);
  assert.match(text, /and 20 more among your tasks/);
  assert.equal((await mailsTo("worker1")).length, 1);
  assert.deepEqual(await mailsTo("worker2"), []);
  await tell(...tasks(1, "worker1", "Later"));
  await due();
  assert.equal((await mailsTo("worker1"))[0]?.subject, "You have a new task", "what was told is not told again");
});

test("what moved on, is done or was cancelled is not in the mail, and where nothing is left there is no mail", async () => {
  await choose("worker1", true);
  const [stays = "", moves = "", ends = "", waits = "", gone = ""] = tasks(5, "worker1").map(({ taskId }) => taskId);
  const before = await mailsTo("worker1");
  await tell(...[stays, moves, ends, waits, gone].map((taskId) => ({ taskId, assigneeId: id("worker1") })));
  await books.app.settle();
  await tell(
    { taskId: stays, assigneeId: id("worker1"), title: "Feed <b>Gosha</b>", jiraId: "POP-7", change: "edited" },
    { taskId: moves, assigneeId: id("worker3") },
    { taskId: ends, assigneeId: id("worker1"), isDone: true, change: "done" },
    { taskId: waits, change: "edited" },
    { taskId: gone, assigneeId: id("worker1"), change: "cancelled" },
  );
  await due();
  const texts = await textsTo("worker1", before);
  assert.equal(texts.length, 1);
  assert.match(texts[0] ?? "", /1 task\n\nTo do\n\d\d:\d\d {2}POP-7 · Feed <b>Gosha<\/b>\n/);

  const now = await mailsTo("worker1");
  await tell({ taskId: moves, assigneeId: id("worker1") });
  await books.app.settle();
  await tell({ taskId: moves, assigneeId: id("worker2") });
  await due();
  assert.deepEqual(await mailsTo("worker1"), now, "not even a row of it stays");
});

test("a shuffle pressed again and again is one mail for each who chose so, with what they have in the end", async () => {
  await choose("worker1", true);
  await choose("worker2", true);
  const before = [...(await mailsTo("worker1")), ...(await mailsTo("worker2"))];
  const drawn = tasks(3_000, "worker3");
  const hands = ["worker1", "worker2", "worker3"];
  for (let press = 0; press < 3; press++) {
    await tell(...drawn.map((task, n) => ({ ...task, assigneeId: id(hands[(n + press) % 3] as string) })));
    await books.app.settle();
  }
  await due();
  for (const login of ["worker1", "worker2"]) {
    const texts = await textsTo(login, before);
    assert.equal(texts.length, 1);
    assert.match(texts[0] ?? "", /^1,000 tasks$/m);
  }
  assert.deepEqual(await mailsTo("worker3"), []);
});

test("copies of the service that hear the same at once, and die in the middle, gather each task once in one mail", async () => {
  await choose("worker1", true);
  const before = await mailsTo("worker1");
  await tell(...tasks(40, "worker1"));
  await books.step("tasks", "sequencer");
  await crashInside(books, "consumer:on-task", "mail");
  assert.deepEqual(await books.app.owner("select from notifications.assigned_task"), []);
  const copy = books.copyOf("notifications");
  const own = books.app.app.services.get("notifications");
  for (let i = 0; i < 10; i++) await Promise.all([copy.pass(), own?.pass()]);
  await books.app.owner(
    "update notifications.mail set next_attempt_at = now() where kind = 'assignments' and status = 'queued'",
  );
  await crashInside(books, "job:send-mails", "assigned_task");
  assert.equal((await gathering()).length, 1, "nothing went out");
  for (let i = 0; i < 10; i++) await Promise.all([copy.pass(), own?.pass()]);
  const texts = await textsTo("worker1", before);
  assert.equal(texts.length, 1);
  assert.match(texts[0] ?? "", /^40 tasks$/m);
  assert.deepEqual(await books.app.owner("select from notifications.assigned_task"), []);
  const rows = await books.app.owner("select from notifications.sent_mail where key = $1", [
    (await mailsTo("worker1"))[0]?.key,
  ]);
  assert.equal(rows.length, 1);
});

test("no task falls between two mails: what is added while one is written is in it, and behind it the next one begins", async () => {
  await choose("worker1", true);
  const before = await mailsTo("worker1");
  const hold = `select from mail_choice where user_id = '${id("worker1")}' and kind = 'assignments' for update`;
  await tell(...tasks(1, "worker1", "First"));
  await books.app.settle();
  await books.app.owner(
    "update notifications.mail set next_attempt_at = now() where kind = 'assignments' and status = 'queued'",
  );
  // As a consumer in another process adds it.
  const add = `insert into assigned_task (task_id, user_id, title, assigned_at)
               values (gen_random_uuid(), '${id("worker1")}', 'Second', now())`;
  await besideTransaction(books, [hold, add], "job:send-mails");
  assert.match((await textsTo("worker1", before))[0] ?? "", /^2 tasks$[\s\S]*First 1[\s\S]*Second/m);

  const told = await mailsTo("worker1");
  await tell(...tasks(1, "worker1", "Third"));
  await books.app.settle();
  await tell(...tasks(1, "worker1", "Fourth"));
  await books.step("tasks", "sequencer");
  // As another process takes the mail.
  const take = `update mail set status = 'sending', claimed_at = clock_timestamp(), attempts = 1
                 where kind = 'assignments' and status = 'queued'`;
  await besideTransaction(books, [take, hold], "consumer:on-task");
  assert.equal((await gathering()).length, 1, "another one gathers");
  // What was taken is given back, and both are due.
  await books.app.owner("update notifications.mail set status = 'queued' where status = 'sending'");
  await due();
  const texts = await textsTo("worker1", told);
  assert.equal(texts.length, 1, "the first one tells all, and the other one has nothing to tell");
  assert.match(texts[0] ?? "", /^2 tasks$/m);
});

test("a mail that waits for a mail server tells what is theirs when it goes out at last", async () => {
  await choose("worker1", true);
  const before = await mailsTo("worker1");
  const [first, second, third] = [1, 2, 3].map((n) => tasks(1, "worker1", `Task ${n}`)[0] ?? assert.fail());
  assert(first && second && third);
  await rm(join(books.folder, "mailbox"), { recursive: true, force: true });
  await writeFile(join(books.folder, "mailbox"), "a file in place of the folder");
  await tell(first, second);
  await due();
  assert.deepEqual((await gathering()).length, 1);
  await tell({ ...first, assigneeId: id("worker2") }, third);
  await books.app.settle();
  await rm(join(books.folder, "mailbox"));
  await due();
  const texts = await textsTo("worker1", before);
  assert.equal(texts.length, 1);
  assert.match(texts[0] ?? "", /^2 tasks$/m);
  assert.match(texts[0] ?? "", /Task 2[\s\S]*Task 3/);
});

test("from the moment of the choice on, until the choice against it; and nobody who was deactivated is written to", async () => {
  const before = await mailsTo("worker2");
  const early = tasks(2, "worker2");
  await choose("worker1", true);
  // Said before the choice, heard after it.
  await tell(...early);
  await books.app.moveClock(1_000);
  await choose("worker2", true);
  await due();
  assert.deepEqual(await textsTo("worker2", before), []);

  await tell(...tasks(2, "worker2"));
  await books.app.settle();
  await choose("worker2", false);
  await choose("worker2", true);
  await due();
  assert.deepEqual(await textsTo("worker2", before), [], "what waited when they chose against it is gone");

  await books.app.join({ login: "leaving", roles: ["worker"] });
  await books.app.settle();
  await choose("leaving", true);
  await tell(...tasks(2, "leaving"));
  await books.app.settle();
  await books.app.as("admin").patch(`/users/${id("leaving")}`, { status: "inactive" });
  await due();
  assert.deepEqual(
    (await mailsTo("leaving")).map(({ status }) => status),
    ["withheld"],
  );
  assert(!(await box.files()).some((file) => file.includes(id("leaving"))));
  assert.equal((await books.app.as("admin").post(`/users/${id("leaving")}/erase`)).status, 200);
  await books.app.settle();
  assert.deepEqual(
    await books.app.owner("select from notifications.assigned_task where user_id = $1", [id("leaving")]),
    [],
  );
});

test("while nobody wants it nothing of tasks is read, not even what is broken", async () => {
  const [broken, whole] = [randomUUID(), randomUUID()];
  await tell({ taskId: broken, assigneeId: id("worker1") });
  await books.app.owner("update tasks.outbox set data = data - 'title'");
  await books.app.settle();
  const letters = () =>
    books.app.owner<{ key: string }>("select key from notifications.dead_letter where source = 'tasks'");
  assert.deepEqual(await letters(), []);
  await choose("worker1", true);
  await tell({ taskId: whole, assigneeId: id("worker1") }, { taskId: broken, assigneeId: id("worker1") });
  await books.app.owner("update tasks.outbox set data = data - 'title' where key = $1", [broken]);
  await due();
  assert.deepEqual(await letters(), [{ key: broken }], "what is said from then on is read");
  assert.equal((await mailsTo("worker1"))[0]?.subject, "You have a new task");
});
