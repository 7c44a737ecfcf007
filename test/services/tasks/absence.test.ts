import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { v7 as uuidv7 } from "uuid";
import { addTasks } from "../../../src/services/tasks/commands/create-task.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { gate, holder, newTask, saidOf, transact, waitingForLocks } from "./log.ts";

const DAY_MS = 24 * 3_600_000;

// Nothing moves by itself here: what is away is away before any job has looked. Each test ends with nobody away.
let app: TestApp;
before(async () => {
  app = await startTestApp({
    loops: false,
    people: [
      { login: "manager", roles: ["manager"] },
      { login: "gosha", roles: ["worker"] },
      { login: "kesha", roles: ["worker"] },
    ],
  });
  await newTask(app, "The first period begins");
  await app.settle();
});
after(() => app.stop());

const dayAt = (days: number, from: string) =>
  new Date(Date.parse(`${from}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
const today = async () => (await app.as("admin").get("/absences")).body.today as string;
const mark = async (login: string, from: number, to: number, more: object = {}) => {
  const now = await today();
  return await app.as(login).post("/absences", {
    ...{ firstDay: dayAt(from, now), lastDay: dayAt(to, now), reassign: false, ...more },
  });
};
const marked = async (...args: Parameters<typeof mark>): Promise<string> => {
  const answer = await mark(...args);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body.absenceId;
};
const back = async (absenceId: string, login = "admin") => {
  const answer = await app.as(login).delete(`/absences/${absenceId}`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
};
const holderOf = async (task: { id: string }) => holder(app, (await app.as("admin").get(`/tasks/${task.id}`)).body);
/** Whoever is drawn for a number of new tasks. */
const drawn = async (count = 12) => {
  const names = new Set<string>();
  for (let n = 0; n < count; n++) names.add(holder(app, await newTask(app, `Draw ${n}`)));
  return [...names].toSorted();
};
/** A task that this popug holds. */
const taskOf = async (login: string) => {
  for (;;) {
    const task = await newTask(app, `For ${login}`);
    if (holder(app, task) === login) return task;
  }
};

test("whoever is away today is drawn neither for new tasks nor by a shuffle; what they hold stays unless they chose otherwise", async () => {
  const task = await taskOf("gosha");
  const absence = await marked("gosha", 0, 2, { note: "the dentist" });
  assert.deepEqual(await drawn(), ["kesha"]);
  await app.settle();
  assert.equal(await holderOf(task), "gosha");
  assert.equal((await app.as("manager").get("/tasks/counts")).body.eligible, 1);
  await app.as("manager").post("/shuffles");
  await app.settle();
  assert.equal(await holderOf(task), "kesha");
  await back(absence, "gosha");
  assert.deepEqual(await drawn(), ["gosha", "kesha"]);
});

test("away from today on with reassignment: the open tasks are drawn anew at once, charged, and told as such", async () => {
  const task = await taskOf("gosha");
  const absence = await marked("manager", 0, 0, { userId: app.people["gosha"], reassign: true });
  assert.equal(await holderOf(task), "kesha");
  const assigned = (await saidOf(app, task.id)).findLast(({ type }) => type === "task.assigned");
  assert.deepEqual(
    [assigned?.data.reason, assigned?.data.previousAssigneeId, assigned?.actor],
    ["user-changed", app.people["gosha"], `user:${app.people["manager"]}`],
  );
  await back(absence);
});

test("a day away begins with the business day, before any job has looked, and ends with it", async () => {
  const task = await taskOf("gosha");
  await marked("gosha", 1, 1, { reassign: true });
  assert.deepEqual(await drawn(), ["gosha", "kesha"]);
  await app.moveClock(DAY_MS);
  assert.deepEqual(await drawn(), ["kesha"]);
  await app.settle();
  assert.equal(await holderOf(task), "kesha");
  await app.moveClock(DAY_MS);
  assert.deepEqual(await drawn(), ["gosha", "kesha"]);
  await app.settle();
});

test("with everybody away tasks wait, and go to the first who is back", async () => {
  const absences = [await marked("gosha", 0, 0, { reassign: true }), await marked("kesha", 0, 0, { reassign: true })];
  const task = await newTask(app, "Waits for somebody");
  assert.equal(task.assigneeId, null);
  await back(absences[0] as string);
  assert.equal(await holderOf(task), "gosha");
  await back(absences[1] as string);
  await app.settle();
});

test("a draw in flight is waited for, so that nobody is drawn after they were seen away", async () => {
  const actor = { userId: app.people["manager"] as string, login: "manager", name: "m", roles: ["manager"] };
  const [drew, end] = [gate(), gate()];
  const creation = transact(app, async (ctx) => {
    const drafts = Array.from({ length: 8 }, (_, n) => ({ title: `In flight ${n}`, jiraId: null, description: "" }));
    const ids = await addTasks({ ...ctx, actor, correlationId: uuidv7() }, drafts, app.app.config.settings);
    drew.open();
    await end.opened;
    return ids;
  });
  await drew.opened;
  const marking = marked("gosha", 0, 0, { reassign: true });
  await waitingForLocks(app, 1);
  end.open();
  const [ids, absence] = [await creation, await marking];
  for (const id of ids) assert.equal(await holderOf({ id }), "kesha");
  await back(absence);
});

test("days away are changed and taken back: coming ones freely, begun ones at their end, past ones not at all", async () => {
  const coming = await marked("gosha", 3, 5);
  const now = await today();
  const change = (absenceId: string, body: object, login = "gosha") =>
    app.as(login).patch(`/absences/${absenceId}`, body);
  const moved = await change(coming, { firstDay: dayAt(2, now), note: " moved " });
  assert.deepEqual(
    [moved.status, moved.body.firstDay, moved.body.lastDay, moved.body.note],
    [200, dayAt(2, now), dayAt(5, now), "moved"],
  );
  assert.equal((await mark("gosha", 5, 6)).body.code, "absence-overlaps");
  const task = await taskOf("gosha");
  const begun = await marked("gosha", 0, 1);
  assert.equal((await change(begun, { firstDay: dayAt(1, now) })).body.code, "absence-begun");
  assert.equal((await change(begun, { lastDay: dayAt(2, now) })).body.code, "absence-overlaps");
  // Changed to be reassigned, it is so at once.
  assert.equal((await change(begun, { reassign: true })).status, 200);
  assert.equal(await holderOf(task), "kesha");
  await back(begun);
  await back(coming, "gosha");
  assert.deepEqual((await app.as("gosha").get("/absences")).body.items, []);
  assert.deepEqual(
    [(await app.as("gosha").delete(`/absences/${begun}`)).body.code, (await change(begun, {})).body.code],
    ["absence-not-found", "absence-not-found"],
  );
  const past = await marked("gosha", 0, 0);
  await app.moveClock(DAY_MS);
  await newTask(app, "The next day");
  assert.equal((await change(past, { note: "x" })).body.code, "absence-over");
  assert.equal((await app.as("gosha").delete(`/absences/${past}`)).body.code, "absence-over");
});

test("what cannot be days away is refused, and says which day is wrong", async () => {
  for (const [from, to, field] of [
    [2, 1, "/lastDay"],
    [-1, 3, "/firstDay"],
    [0, 366, "/lastDay"],
    [800, 801, "/firstDay"],
  ] as const) {
    const answer = await mark("gosha", from, to);
    assert.deepEqual([answer.status, answer.body.code, answer.body.errors[0].path], [400, "bad-absence", field]);
  }
  const odd = await app
    .as("gosha")
    .post("/absences", { firstDay: "2026-02-30", lastDay: "2026-03-01", reassign: false });
  assert.deepEqual([odd.status, odd.body.code], [400, "bad-absence"]);
  const unknown = await mark("manager", 0, 0, { userId: "0198c0de-0000-7000-8000-000000000001" });
  assert.deepEqual([unknown.status, unknown.body.code], [404, "unknown-user"]);
});

test("everybody marks their own days; of others only managers and admins do, and only they see them", async () => {
  const foreign = await mark("gosha", 1, 1, { userId: app.people["kesha"] });
  assert.deepEqual([foreign.status, foreign.body.code], [403, "not-your-absence"]);
  const absence = await marked("kesha", 1, 1, { note: "private" });
  for (const answer of [
    await app.as("gosha").patch(`/absences/${absence}`, { note: "x" }),
    await app.as("gosha").delete(`/absences/${absence}`),
  ]) {
    assert.deepEqual([answer.status, answer.body.code], [404, "absence-not-found"]);
  }
  const offered = async (login: string) =>
    (await app.as(login).get("/absences/people")).body.items.map((it: { userId: string }) => it.userId);
  const { gosha, kesha } = app.people;
  assert.deepEqual([await offered("gosha"), new Set(await offered("manager"))], [[gosha], new Set([gosha, kesha])]);
  const seen = async (login: string) =>
    (await app.as(login).get(`/absences?userId=${app.people["kesha"]}`)).body.items.map(
      (it: { note: string }) => it.note,
    );
  assert.deepEqual([await seen("gosha"), await seen("manager"), await seen("kesha")], [[], ["private"], ["private"]]);
  assert.equal((await fetch(`${app.url}/api/absences`)).status, 401);
  await back(absence, "manager");
});

test("what somebody wrote beside their days away is forgotten with them", async () => {
  await app.join({ login: "leaver", roles: ["worker"] });
  await app.settle();
  await marked("leaver", 0, 3, { note: "a clinic" });
  await app.as("admin").patch(`/users/${app.people["leaver"]}`, { status: "inactive" });
  assert.equal((await app.as("admin").post(`/users/${app.people["leaver"]}/erase`, {})).status < 300, true);
  await app.settle();
  const notes = await app.owner("select note from tasks.absence where user_id = $1", [app.people["leaver"]]);
  assert.deepEqual(notes, [{ note: "" }]);
});
