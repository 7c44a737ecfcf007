/** Copies of services that are killed, stopped or paused: the others go on where they were, and nothing happens twice. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAllClosed, assertClosedIsExact } from "../campaigns/books-proof.ts";
import { officeOf, type Office, sum } from "../journeys/office.ts";
import { type Apart, startApart } from "../kit/apart.ts";
import type { Copy } from "../kit/processes.ts";
import { until } from "../kit/until.ts";

let app: Apart;
let office: Office;
before(async () => {
  const people = ["manager", "accountant", "worker"].map((role) => ({ login: role, roles: [role] }));
  app = await startApart({}, people, [
    ["auth", "notifications", "analytics"],
    ["tasks", "accounting"],
    ["tasks", "accounting"],
  ]);
  office = officeOf(app);
});
after(() => app?.stop());

/** Milliseconds until every partition of tasks was heard by accounting up to where its log is now. */
async function heardAgainAfter(): Promise<number> {
  const begun = performance.now();
  await until(
    async () => {
      const behind = await app.owner(
        `select 1 from accounting.cursor c join tasks.log_head h using (partition)
          where c.source = 'tasks' and c.position < h.position
         union all select 1 from tasks.outbox`,
      );
      return behind.length === 0 || undefined;
    },
    { withinMs: 60_000, everyMs: 20, late: () => "a part of the log is heard by nobody" },
  );
  return performance.now() - begun;
}

const copy = (index: number): Copy => app.processes.copies[index] ?? assert.fail();
const first = () => copy(1);
const second = () => copy(2);

test("a copy that is killed is followed, and answers go on without a break", async (t) => {
  await office.createMany(50);
  await app.settle();
  await first().signal("SIGKILL");
  // Events of all partitions, through whichever copy the entry finds.
  for (let i = 0; i < 4; i++) await office.create(`After the kill ${i}`, "manager");
  await office.createMany(100);
  const afterKill = await heardAgainAfter();
  await first().start();
  await app.settle();

  await second().signal("SIGTERM");
  await office.createMany(100);
  const afterStop = await heardAgainAfter();
  await second().start();
  await app.settle();
  t.diagnostic(`all was heard ${afterKill.toFixed(0)} ms after a kill -9, ${afterStop.toFixed(0)} ms after a SIGTERM`);
  assert.equal((await office.entries("kind=fee")).length, 254, "one fee for each task");
});

test("a copy that is paused, overtaken and wakes up again changes nothing", async () => {
  const fees = -sum(await office.entries("kind=fee"), "fee");
  await first().signal("SIGSTOP");
  // Not through the entry, which may hand it to the one that is paused.
  const answer = await fetch(`${second().url}/api/tasks/import`, {
    method: "POST",
    headers: { authorization: `Bearer ${await app.as("manager").token()}`, "content-type": "application/json" },
    body: JSON.stringify({ titles: Array.from({ length: 200 }, (_, i) => `Perch ${i}`) }),
  });
  assert.equal(answer.status, 200, await answer.text());
  await heardAgainAfter();
  // Reads do not wait for the one that is silent.
  const asked = performance.now();
  for (let n = 0; n < 4; n++) await office.entries("kind=fee");
  const readMs = performance.now() - asked;
  assert(readMs < 20_000, `four reads beside a paused copy took ${readMs.toFixed(0)} ms`);
  const afterwards = -sum(await office.entries("kind=fee"), "fee");
  assert(afterwards > fees);
  await first().signal("SIGCONT");
  await app.settle();
  assert.equal(-sum(await office.entries("kind=fee"), "fee"), afterwards);
  assert.equal((await office.entries("kind=fee")).length, 454);
});

test("a day with all of that in it closes exactly", async () => {
  const { status } = await office.midnight();
  assert.equal(status, "closed");
  await assertAllClosed(app.owner, "copies came and went");
  await assertClosedIsExact(app.owner, 1, "copies came and went");
});
