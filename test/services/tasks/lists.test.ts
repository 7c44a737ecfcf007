import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { holder } from "./log.ts";

let app: TestApp;
// biome-ignore lint/suspicious/noExplicitAny: views of tasks
let tasks: any[];

before(async () => {
  app = await startTestApp();
  const titles = Array.from({ length: 25 }, (_, i) => `Task ${i}`);
  titles.push("100% sure", "1000 birds", "[CAGE-9] - Mend", "под_черк");
  const answer = await app.as("manager").post("/tasks/import", { titles });
  assert.deepEqual(answer.body, { created: 29, rejected: [] });
  tasks = (await app.as("manager").get("/tasks?limit=500")).body.items;
});
after(() => app.stop());

const titlesOf = async (path: string) =>
  (await app.as("worker1").get(path)).body.items.map((task: { title: string }) => task.title);

test("all tasks, newest first, are for everyone", async () => {
  const numbers = tasks.map((task) => task.number);
  assert.equal(numbers.length, 29);
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => b - a),
  );
  assert.deepEqual((await app.as("worker1").get("/tasks?limit=500")).body.items, tasks);
});

test("pages follow each other without a gap, and end", async () => {
  const seen: string[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < 10; pages++) {
    const answer = await app.as("worker1").get(`/tasks?limit=10${cursor === null ? "" : `&cursor=${cursor}`}`);
    seen.push(...answer.body.items.map((task: { id: string }) => task.id));
    cursor = answer.body.nextCursor;
    if (cursor === null) break;
  }
  assert.deepEqual(
    seen,
    tasks.map((task) => task.id),
  );
});

test("a cursor that is none is refused", async () => {
  const forged = Buffer.from(JSON.stringify(["----"])).toString("base64url");
  for (const cursor of ["x", forged]) {
    const answer = await app.as("worker1").get(`/tasks?cursor=${cursor}`);
    assert.deepEqual([answer.status, answer.body.code], [400, "bad-cursor"]);
  }
});

test("the search finds part of a title, a jiraId and a number, and takes signs as they are", async () => {
  assert.deepEqual(await titlesOf("/tasks?q=100%25"), ["100% sure"]);
  assert.deepEqual(await titlesOf(`/tasks?q=${encodeURIComponent("д_ч")}`), ["под_черк"]);
  assert.deepEqual(await titlesOf("/tasks?q=SURE"), ["100% sure"]);
  assert.deepEqual(await titlesOf("/tasks?q=cage-9"), ["Mend"]);
  const { number, title } = tasks.at(-1);
  assert.ok((await titlesOf(`/tasks?q=%23${number}`)).includes(title));
  assert.deepEqual(await titlesOf("/tasks?q=nothing%20like%20it"), []);
  // What PostgreSQL cannot store cannot be looked for: an answer, not a defect.
  assert.ok((await app.as("worker1").get("/tasks?q=%00")).status < 500);
});

test("everybody has a page with their own tasks, open or done", async () => {
  const worker = holder(app, tasks[0]);
  const own = tasks.filter((task) => task.assigneeId === app.people[worker]);
  const mine = async (query: string) => (await app.as(worker).get(`/my/tasks${query}`)).body.items;
  assert.deepEqual(await mine("?limit=500"), own);
  const [done] = own;
  await app.as(worker).post(`/tasks/${done.id}/complete`);
  assert.deepEqual(
    (await mine("?status=done")).map((task: { id: string }) => task.id),
    [done.id],
  );
  assert.equal((await mine("?status=in_progress&limit=500")).length, own.length - 1);
  assert.equal((await titlesOf(`/tasks?assigneeId=${app.people[worker]}&limit=500`)).length, own.length);
  assert.equal((await titlesOf("/tasks?status=done")).length, 1);
  assert.deepEqual((await app.as("manager").get("/my/tasks")).body, { items: [], nextCursor: null });
});

test("open tasks are counted, in all and by assignee", async () => {
  const open = (await app.as("worker1").get("/tasks?status=in_progress&limit=500")).body.items;
  const { body } = await app.as("worker1").get("/tasks/open-counts");
  assert.equal(body.total, open.length);
  assert.equal(body.waiting, 0);
  for (const { userId, name, open: count } of body.assignees as { userId: string; name: string; open: number }[]) {
    assert.equal(name, open.find((task: { assigneeId: string }) => task.assigneeId === userId).assigneeName);
    assert.equal(count, open.filter((task: { assigneeId: string }) => task.assigneeId === userId).length);
  }
});
