/** A company with a day behind it and one under way: what most pages need to show something. */
import assert from "node:assert/strict";
import { fillCompany } from "../services/accounting/paid-company.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";

export type Company = {
  app: TestApp;
  /** Ids of tasks, the oldest first. */
  tasks: readonly string[];
  /** The business day that is closed. */
  day: string;
};

const titles = [
  "Fix the perch in hall 1",
  "Water the palms in sector 14",
  "Sort feathers from batch 27",
  "Teach a phrase to chick 40",
  "Repaint the bell of aviary 53",
  "[POPUG-66] Check mirrors on floor 66",
  "Answer the owner of cage 79",
  "Deliver seeds to nest 92",
];

const DAY_MS = 86_400_000;

/** Starts it. A period is closed, some tasks are done, some wait for their popug. */
export async function startCompany(start: () => Promise<TestApp> = startTestApp): Promise<Company> {
  const app = await start();
  const yesterday = await hire(app, 24);
  await finish(app, yesterday.slice(0, 12));
  for (const id of yesterday.slice(12)) {
    // Draws and prices are random: until there are two to be paid.
    if ((await app.as("accountant").get("/standing")).body.payableCount >= 2) break;
    await finish(app, [id]);
  }
  const { day } = (await app.as("accountant").get("/totals")).body;
  await app.moveClock(DAY_MS);
  await app.settle();
  await pay(app);
  const today = await hire(app, 24);
  await finish(app, today.slice(0, 8));
  // Counts from the next day on: nothing of this one changes by it.
  const set = await app.as("admin").patch("/settings", { feeRange: { from: 11, to: 21 } });
  assert.equal(set.status, 200, JSON.stringify(set.body));
  await app.settle();
  return { app, tasks: [...yesterday, ...today], day };
}

async function hire(app: TestApp, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const answer = await app.as("manager").post("/tasks", { title: titles[n % titles.length], description: "" });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    ids.push(answer.body.id);
  }
  await app.settle();
  return ids;
}

/** Payouts of the first day in several states, as far as the draws have left somebody above zero. */
async function pay(app: TestApp): Promise<void> {
  const { setDetails, payouts } = fillCompany(app);
  for (const login of ["worker1", "worker2", "worker3", "accountant"]) await setDetails(login);
  const steps = [["sent"], ["sent", "confirmed"]];
  for (const { userId, state } of await payouts()) {
    if (state !== "requested") continue;
    for (const step of steps.shift() ?? []) {
      assert.equal((await app.as("admin").post(`/payouts/1/${userId}/${step}`)).status, 200);
    }
  }
  await app.settle();
}

async function finish(app: TestApp, tasks: readonly string[]): Promise<void> {
  for (const id of tasks) {
    const answer = await app.as("admin").post(`/tasks/${id}/complete`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  }
  await app.settle();
}
