/** The clock of a demo moves business time alone: what is about machines (tokens, retries, leases) keeps real time. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createMembership } from "../../src/platform/membership.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { newcomer, WebBrowser } from "../services/auth/web-browser.ts";

const DAYS = { to: null, bySeconds: 30 * 86_400 };

let app: TestApp;
before(async () => {
  app = await startTestApp({ loops: false });
});
after(() => app.stop());

const move = async () => assert.equal((await app.as("admin").post("/clock", DAYS)).status, 200);
const statusWith = async (token: string) =>
  (await fetch(`${app.url}/api/me`, { headers: { authorization: `Bearer ${token}` } })).status;

test("whoever is signed in, in a browser or with a token, stays so over a month of the demo", async () => {
  await newcomer(app, "kesha");
  const browser = new WebBrowser(app);
  await browser.signIn("kesha");
  const short = await app.as("worker1").token();
  const made = await app.as("worker1").post("/my/tokens", { name: "script", scopes: ["tasks"], days: 1 });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  await app.settle();
  const use = async () =>
    (await fetch(`${app.url}/api/my/tasks`, { headers: { authorization: `Bearer ${made.body.token}` } })).status;
  assert.deepEqual([await statusWith(short), await use(), (await browser.call("GET", "/me")).status], [200, 200, 200]);
  await move();
  await app.settle();
  assert.deepEqual([await statusWith(short), await use(), (await browser.call("GET", "/me")).status], [200, 200, 200]);
});

test("what is to be tried again in an hour, an event or a mail, is not tried sooner", async () => {
  await app.owner(
    `insert into accounting.dead_letter (id, consumer, source, partition, position, epoch, key, type, event_id, status, reason, event, redrive_at)
     values (gen_random_uuid(), 'on-task', 'tasks', 0, 1, 1, 'x', 'task.updated', gen_random_uuid(), 'deferred', 'not yet',
             '{"data": {}, "partition": 0, "position": 1, "key": "x", "type": "task.updated"}', now() + interval '1 hour')`,
  );
  await app.owner(
    `insert into notifications.mail (key, kind, period, to_user, created_at, next_attempt_at)
     values ('report:1:x', 'report', 1, $1, popug.business_now(), now() + interval '1 hour')`,
    [app.people["admin"]],
  );
  const tries = async () =>
    app.owner(
      `select l.attempts as letter, l.status, m.attempts as mail from accounting.dead_letter l, notifications.mail m where m.key = 'report:1:x'`,
    );
  const [before_] = await tries();
  await move();
  await app.settle();
  assert.deepEqual(await tries(), [before_]);
  // Both would be, were they due.
  await app.owner("update accounting.dead_letter set redrive_at = now()");
  await app.owner("update notifications.mail set next_attempt_at = now() where key = 'report:1:x'");
  await app.settle();
  const [after_] = await tries();
  assert(after_?.["letter"] !== before_?.["letter"] && after_?.["mail"] !== before_?.["mail"], JSON.stringify(after_));
});

test("no copy of a service loses its share of the work to a moved clock", async () => {
  const member = () => createMembership(app.sql("tasks"), "tasks");
  const [one, other] = [member(), member()];
  await one.beat();
  await other.beat();
  await move();
  await one.beat();
  assert.equal(one.partitions().length, 8);
  await Promise.all([one.leave(), other.leave()]);
});
