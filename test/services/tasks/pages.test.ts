import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startTestApp, type TestApp } from "../../kit/app.ts";

describe("a long list at any place", () => {
  let app: TestApp;
  const ids: string[] = [];
  before(async () => {
    app = await startTestApp();
    const titles = Array.from({ length: 450 }, (_, n) => `Feather ${n}`);
    assert.equal((await app.as("manager").post("/tasks/import", { titles })).status, 200);
    await app.settle();
    for (let cursor: string | undefined = ""; cursor !== undefined; ) {
      const { body } = await app.as("worker1").get(`/tasks?limit=500${cursor && `&cursor=${cursor}`}`);
      ids.push(...body.items.map((task: { id: string }) => task.id));
      cursor = body.nextCursor ?? undefined;
    }
  });
  after(() => app.stop());

  test("the pages together are the list: no task missing, none twice, also after new tasks came", async () => {
    const { body: pages } = await app.as("worker1").get("/tasks/pages");
    assert.deepEqual([pages.total, pages.pageSize, pages.firstIds.length], [450, 100, 5]);
    await app.as("manager").post("/tasks", { title: "Newer than the list" });
    const read: string[] = [];
    for (const [at, from] of pages.firstIds.entries()) {
      const until = pages.firstIds[at + 1];
      const { body } = await app.as("worker1").get(`/tasks?limit=500&from=${from}${until ? `&until=${until}` : ""}`);
      read.push(...body.items.map((task: { id: string }) => task.id));
    }
    assert.deepEqual(read, ids);
  });

  test("a filter has pages of its own", async () => {
    const { body } = await app.as("worker1").get("/tasks/pages?q=Feather%201&status=in_progress");
    assert.equal(body.total, 111);
    assert.equal(body.firstIds.length, 2);
    assert.deepEqual((await app.as("worker1").get("/tasks/pages?q=nowhere")).body.firstIds, []);
  });

  test("counts say what is open, done and mine, and among how many is drawn", async () => {
    const { body } = await app.as("worker1").get("/tasks/counts");
    const mine = (await app.as("worker1").get("/my/tasks?limit=500")).body.items.length;
    assert.deepEqual([body.open, body.done, body.mine, body.shuffle], [451, 0, mine, null]);
    assert.equal(body.eligible, 4, "three workers and the accountant");
  });

  test("prices are known to whoever may list tasks, and what is no id is refused", async () => {
    const { body } = await app.as("worker1").get(`/prices?taskIds=${ids.slice(0, 3).join(",")}`);
    assert.equal(body.items.length, 3);
    for (const { feeMinor, rewardMinor } of body.items) {
      assert(feeMinor >= body.fee.fromMinor && feeMinor <= body.fee.toMinor);
      assert(rewardMinor >= body.reward.fromMinor && rewardMinor <= body.reward.toMinor);
    }
    assert.equal((await app.as("worker1").get("/prices?taskIds=42")).status, 400);
  });

  test("the history of a task names each change, who made it, and the place under which it is booked", async () => {
    const created = await app.as("manager").post("/tasks", { title: "Tell a story" });
    await app.as("admin").post(`/tasks/${created.body.id}/complete`);
    await app.as("admin").post(`/tasks/${created.body.id}/reopen`);
    await app.settle();
    const { body } = await app.as("worker2").get(`/tasks/${created.body.id}/history`);
    assert.deepEqual(
      body.items.map((step: { what: string; actorName: string }) => [step.what, step.actorName]),
      [
        ["reopened", "admin Popug"],
        ["done", "admin Popug"],
        ["assigned", "manager Popug"],
        ["created", "manager Popug"],
      ],
    );
    const { period, epoch, partition, position, assigneeId } = body.items[1];
    const entry = await app.as("admin").get(`/entries/${period}-tasks-${epoch}-${partition}-${position}-0/explain`);
    assert.deepEqual([entry.body.entry.kind, entry.body.entry.userId], ["reward", assigneeId]);
  });
});
