import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { tellOfDeadLetters } from "../../../src/app/operations/dead-letter-alert.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";

const HOUR_MS = 3_600_000;

let app: TestApp;
before(async () => {
  app = await startTestApp({ loops: false });
});
after(() => app?.stop());

const look = async () => {
  const told = await tellOfDeadLetters(app.app.services);
  await app.settle();
  return told;
};
type Mail = { mailId: string; kind: string; userId: string; status: string; subject: string };
const mails = async (): Promise<Mail[]> => (await app.as("admin").get("/mails?kind=dead-letters")).body.items;
const textOf = async ({ mailId }: Mail) => (await app.as("admin").get(`/mails/${mailId}`)).body.text as string;

/** A task whose creation nobody can read: analytics and accounting each put it aside, and what follows behind it. */
const breakOne = async () => {
  const { status } = await app.as("worker1").post("/tasks", { title: "Break the cage" });
  assert.equal(status, 201);
  await app.owner("update tasks.outbox set data = data - 'title' where type = 'task.created'");
  await app.settle();
};

test("where nothing went wrong, nobody is written to", async () => {
  await app.as("worker1").post("/tasks", { title: "Feed the parrot" });
  await app.settle();
  assert.deepEqual([await look(), await mails()], [0, []]);
});

test("admins are told once of dead letters in whichever service, what waits behind them, and where to decide", async () => {
  await breakOne();
  assert.equal(await look(), 2);
  const [mail, ...more] = await mails();
  assert.deepEqual([mail?.userId, mail?.status, more], [app.people["admin"], "sent", []]);
  assert.equal(mail?.subject, "2 events wait for your decision");
  const text = await textOf(mail);
  assert.match(text, /Events that wait behind them +2\n/);
  assert.match(text, /^1 {2}accounting · on-task · task\.created$/m);
  assert.match(text, /^1 {2}analytics · on-task · task\.created$/m);
  assert.match(text, /Open the dead letters: \S+\/dead-letters/);
  await app.moveClock(2 * HOUR_MS);
  assert.equal(await look(), 0, "who was told is not reminded");
  assert.equal((await mails()).length, 1);
});

test("at most one mail an hour, also when several look at once; what came meanwhile is in the next one", async () => {
  await breakOne();
  const [told, ...others] = (await Promise.all([1, 2, 3].map(() => tellOfDeadLetters(app.app.services)))).sort(
    (a, b) => b - a,
  );
  assert.deepEqual([told, others], [2, [0, 0]]);
  await breakOne();
  assert.equal(await look(), 0);
  await app.moveClock(HOUR_MS - 60_000);
  assert.equal(await look(), 0);
  assert.equal((await mails()).length, 2);
  await app.moveClock(60_000);
  assert.equal(await look(), 2);
  assert.equal((await mails())[0]?.subject, "6 events wait for your decision");
});

test("a letter that was tried again and failed again is no news; one that a crash left unmarked is told after the hour", async () => {
  await app.moveClock(HOUR_MS);
  await app.owner("update analytics.dead_letter set redrive_at = now() where status = 'dead'");
  await app.settle();
  assert.equal(await look(), 0);
  await breakOne();
  // Queued, and then the process ended before it noted what was told.
  await app.owner("create table public.marks as select id from analytics.dead_letter where told_at is null");
  assert.equal(await look(), 2);
  await app.owner("update analytics.dead_letter set told_at = null where id in (select id from public.marks)");
  assert.equal(await look(), 0);
  await app.moveClock(HOUR_MS);
  assert.equal(await look(), 1);
});

test("an admin who does not want it, or has left, gets none", async () => {
  await app.join({ login: "second", roles: ["admin"] });
  await app.join({ login: "third", roles: ["admin"] });
  await app.settle();
  assert.equal((await app.as("second").patch("/my/mail-choices", { "dead-letters": false })).status, 200);
  await app.as("admin").patch(`/users/${app.people["third"]}`, { status: "inactive" });
  await app.settle();
  await app.moveClock(HOUR_MS);
  await breakOne();
  const before = (await mails()).length;
  assert.equal(await look(), 2);
  const outcomes = (await mails()).slice(0, (await mails()).length - before).map((mail) => [mail.userId, mail.status]);
  assert.deepEqual(
    outcomes.sort(),
    [
      [app.people["admin"], "sent"],
      [app.people["second"], "withheld"],
    ].sort(),
  );
});
