import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { makeRecoveryLink } from "../../../src/services/auth/recovery.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
after(() => app.stop());

const services = ["auth", "tasks", "accounting", "analytics", "notifications"];

/** Every table of every service in which a text stands. */
async function whereIs(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const schema of services) {
    const tables = await app.owner<{ name: string }>(
      "select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind in ('r', 'p')",
      [schema],
    );
    for (const { name } of tables) {
      const rows = await app.owner(`select 1 from ${schema}."${name}" t where strpos(t::text, $1) > 0 limit 1`, [text]);
      if (rows.length > 0) found.push(`${schema}.${name}`);
    }
  }
  return found;
}

test("name, login and address of somebody who left stand nowhere any more; what they did stays under their id", async () => {
  const login = "evlampy77";
  const made = await app.as("admin").post(
    "/users",
    {
      login,
      name: "Евлампий Перьев",
      email: "evlampy@popug.test",
      roles: ["worker"],
      password: "blue kettle under snow",
    },
    { "idempotency-key": "erase-1" },
  );
  const { userId } = made.body;
  await app.as("admin").patch(`/users/${userId}`, { name: "Евлампий Перьев-Хвостов" });
  await app.settle();
  await app.as(login).post("/my/tokens", { name: "Евлампий", scopes: ["tasks"], days: 1 });
  const task = await app.as(login).post("/tasks", { title: "A task that stays" });
  const early = await app.as("admin").post(`/users/${userId}/erase`);
  assert.deepEqual([early.status, early.body.code], [409, "still-active"]);
  await app.as("admin").patch(`/users/${userId}`, { status: "inactive" });
  await app.settle();
  assert.notDeepEqual(await whereIs("Перьев"), []);

  const erased = await app.as("admin").post(`/users/${userId}/erase`);
  assert.equal(erased.status, 200, JSON.stringify(erased.body));
  assert.deepEqual([erased.body.name, erased.body.email], ["Erased", ""]);
  await app.settle();
  for (const text of ["Перьев", "Евлампий", login, "evlampy@popug.test"])
    assert.deepEqual(await whereIs(text), [], text);
  const kept = await app.as("admin").get(`/tasks/${task.body.id}`);
  assert.equal(kept.status, 200);
  const history = await app.as("admin").get(`/users/${userId}/history`);
  assert.equal(history.body.items[0].kind, "user.erased");
  const verdict = await app.as("admin").get("/security-audit/verify");
  assert.equal(verdict.body.ok, true);

  const again = await app.as("admin").post(`/users/${userId}/erase`);
  assert.equal(again.body.version, erased.body.version, "done once");
  assert.equal((await app.as("admin").post("/users", { login, name: "Somebody else" })).status, 201);
});

test("when somebody was last seen is forgotten with them", async () => {
  const userId = await app.join({ login: "seen-once", roles: ["worker"] });
  await app.owner("insert into auth.last_seen values ($1, now())", [userId]);
  await app.as("admin").patch(`/users/${userId}`, { status: "inactive" });
  assert.equal((await app.as("admin").post(`/users/${userId}/erase`)).status, 200);
  assert.deepEqual(await app.owner("select from auth.last_seen where user_id = $1", [userId]), []);
});

test("nobody who was erased comes back: no change is taken, and no link lets them in again", async () => {
  const userId = await app.join({ login: "gone-for-good", roles: ["worker"] });
  await app.as("admin").patch(`/users/${userId}`, { status: "inactive" });
  const erased = await app.as("admin").post(`/users/${userId}/erase`);
  assert.equal(erased.status, 200);
  for (const change of [{ status: "active" }, { name: "Somebody" }, { email: "somebody@popug.test" }]) {
    const answer = await app.as("admin").patch(`/users/${userId}`, change);
    assert.deepEqual([answer.status, answer.body.code], [409, "user-erased"], JSON.stringify(change));
  }
  const { tools } = app.app.services.get("auth") ?? assert.fail();
  assert.equal(await makeRecoveryLink(tools, erased.body.login), undefined);
  const link = await app.as("admin").post(`/users/${userId}/password-link`);
  assert.deepEqual([link.status, link.body.code], [404, "unknown-user"]);
  const [user] = await app.owner("select name, email, status, version from auth.users where user_id = $1", [userId]);
  assert.deepEqual(user, { name: "Erased", email: "", status: "inactive", version: erased.body.version });
});

test("a log keeps its positions, order and ids when somebody is erased", async () => {
  const userId = await app.join({ login: "kept-order", roles: ["worker"] });
  await app.as("admin").patch(`/users/${userId}`, { status: "inactive" });
  await app.settle();
  const read = () =>
    app.owner("select partition, position, id, type, key, data->'version' as version from auth.log order by 1, 2");
  const before = await read();
  assert.equal((await app.as("admin").post(`/users/${userId}/erase`)).status, 200);
  await app.settle();
  assert.deepEqual((await read()).slice(0, 1), before.slice(0, 1));
  const after = new Set((await read()).map((row) => JSON.stringify(row)));
  for (const row of before) assert.ok(after.has(JSON.stringify(row)));
});

test("nobody takes anything out of the log of somebody who is not erased, also not auth itself", async () => {
  const id = app.people["worker1"];
  await assert.rejects(app.sql("auth")("select forget_in_events($1, '{}')", [id]), /only what events say/);
});

test("how many open tasks somebody has is told to admins before they are deactivated", async () => {
  const id = app.people["worker2"] ?? "";
  const { body } = await app.as("admin").get(`/people/${id}/open-task-count`);
  const [row] = await app.owner<{ count: number }>(
    "select count(*) as count from tasks.task where assignee_id = $1 and status = 'in_progress'",
    [id],
  );
  assert.deepEqual(body, { userId: id, openTasks: row?.count });
  const unknown = await app.as("admin").get("/people/018f3c8e-1c5a-7d2b-9a1e-3f4b5c6d7e8f/open-task-count");
  assert.equal(unknown.status, 404);
});
