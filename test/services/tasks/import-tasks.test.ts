import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { said } from "./log.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
after(() => app.stop());

const count = async () => (await app.sql("tasks")<{ n: number }>("select count(*) as n from task"))[0]?.n;
const broken = 'title,description\n[A-1] - one,x\n,no title\ntwo,"y"\nthree,too,many\n';

test("mode all: one bad line, and nothing is imported; the answer names the lines", async () => {
  const before = await count();
  for (const mode of [{ mode: "all" }, {}]) {
    const answer = await app.as("worker1").post("/tasks/import", { ...mode, csv: broken });
    assert.deepEqual([answer.status, answer.body.code], [400, "bad-lines"]);
    assert.deepEqual(
      answer.body.errors.map((error: { path: string }) => error.path),
      ["/line/3", "/line/5"],
    );
  }
  assert.equal(await count(), before);
});

test("mode good: what can be read is imported and drawn, the rest is reported by line", async () => {
  const answer = await app.as("worker1").post("/tasks/import", { mode: "good", csv: broken });
  assert.equal(answer.status, 200);
  assert.equal(answer.body.created, 2);
  assert.deepEqual(
    answer.body.rejected.map((line: { line: number }) => line.line),
    [3, 5],
  );
  const { items } = (await app.as("worker1").get("/tasks?limit=2")).body;
  assert.deepEqual(
    items.map((task: { title: string; jiraId: string; description: string }) => [
      task.jiraId,
      task.title,
      task.description,
    ]),
    [
      [null, "two", "y"],
      ["A-1", "one", "x"],
    ],
  );
});

test("what is neither CSV nor titles, or both, is refused", async () => {
  for (const body of [
    {},
    { csv: "title\nx", titles: ["x"] },
    { csv: 5 },
    { csv: "name\nx" },
    { mode: "some", csv: "title\nx" },
  ]) {
    assert.equal((await app.as("worker1").post("/tasks/import", body)).status, 400, JSON.stringify(body));
  }
});

test("ten thousand tasks come in at once, each with its own draw, and no more than that", async () => {
  const titles = Array.from({ length: 10_000 }, (_, i) => `Task ${i}`);
  const answer = await app.as("manager").post("/tasks/import", { titles });
  assert.deepEqual([answer.status, answer.body.created], [200, 10_000]);
  const events = await said(app);
  assert.equal(events.filter((event) => event.type === "task.assigned").length, 10_002);
  const holders = Map.groupBy(
    events.filter((event) => event.type === "task.assigned"),
    (event) => event.data.assigneeId,
  );
  // Three workers and the accountant: a share below 2 200 of 10 000 comes once in some 10¹¹ runs.
  assert.ok([...holders.values()].every((drawn) => drawn.length > 2_200));
  const more = await app.as("manager").post("/tasks/import", { titles: [...titles, "one more"] });
  assert.ok([400, 413].includes(more.status));
  const csv = await app.as("manager").post("/tasks/import", { csv: `title\n${[...titles, "one more"].join("\n")}` });
  assert.deepEqual([csv.status, csv.body.code], [413, "import-too-long"]);
});

test("nothing to import is nothing imported", async () => {
  const answer = await app.as("manager").post("/tasks/import", { csv: "title\n" });
  assert.deepEqual([answer.status, answer.body], [200, { created: 0, rejected: [] }]);
});
