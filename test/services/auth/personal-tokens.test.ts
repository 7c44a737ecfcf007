import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isPersonalToken, newPersonalToken } from "../../../src/people/personal-token.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
after(() => app.stop());

type Made = { tokenId: string; token: string; expiresAt: string };

async function make(login: string, scopes: string[], days = 30, headers?: Record<string, string>): Promise<Made> {
  const answer = await app.as(login).post("/my/tokens", { name: `for ${scopes}`, scopes, days }, headers);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  await app.settle();
  return answer.body;
}

async function call(token: string, method: string, path: string, body?: unknown) {
  const response = await fetch(`${app.url}/api${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as { code?: string; login?: string } };
}

test("a token opens the API of every service, within its scopes", async () => {
  const { token } = await make("admin", ["tasks", "account", "accounts", "analytics", "people", "operations"]);
  for (const path of ["/me", "/tasks", "/users", "/my/account", "/accounts", "/mails", "/events", "/clock"]) {
    const answer = await call(token, "GET", path);
    assert.equal(answer.status, 200, `${path}: ${JSON.stringify(answer.body)}`);
  }
  assert.equal((await call(token, "POST", "/tasks", { title: "By a script" })).status, 201);
});

test("a token does what it was made for and nothing else, and never begets another", async () => {
  const { token } = await make("admin", ["tasks"]);
  assert.equal((await call(token, "GET", "/tasks")).status, 200);
  assert.equal((await call(token, "GET", "/me")).body.login, "admin");
  for (const [method, path] of [
    ["GET", "/users"],
    ["GET", "/my/account"],
    ["GET", "/accounts"],
    ["GET", "/events"],
    ["GET", "/my/tokens"],
  ] as const) {
    const answer = await call(token, method, path);
    assert.deepEqual([answer.status, answer.body.code], [403, "scope-missing"], path);
  }
  const born = await call(token, "POST", "/my/tokens", { name: "child", scopes: ["people"], days: 1 });
  assert.deepEqual([born.status, born.body.code], [403, "scope-missing"]);
});

test("a token never does more than its owner may at that moment", async () => {
  const login = `t${Date.now().toString(36)}`;
  const userId = await app.join({ login, roles: ["accountant"] });
  await app.settle();
  const { token } = await make(login, ["accounts", "people"]);
  assert.equal((await call(token, "GET", "/accounts")).status, 200);
  assert.equal((await call(token, "GET", "/users")).body.code, "not-allowed");
  await app.as("admin").patch(`/users/${userId}`, { roles: ["worker"] });
  await app.settle();
  assert.equal((await call(token, "GET", "/accounts")).body.code, "not-allowed");
});

test("a revoked token is refused everywhere; nobody revokes another one's", async () => {
  const { token, tokenId } = await make("worker1", ["tasks", "account"]);
  const foreign = await app.as("worker2").delete(`/my/tokens/${tokenId}`);
  const unknown = await app.as("worker2").delete("/my/tokens/018f3c8e-1c5a-7d2b-9a1e-3f4b5c6d7e8f");
  assert.deepEqual([foreign.status, foreign.body.code], [404, "unknown-token"]);
  assert.deepEqual([unknown.status, unknown.body.code], [404, "unknown-token"]);
  assert.equal((await call(token, "GET", "/tasks")).status, 200);
  assert.equal((await app.as("worker1").delete(`/my/tokens/${tokenId}`)).status, 200);
  await app.settle();
  for (const path of ["/tasks", "/my/account", "/me"]) {
    assert.equal((await call(token, "GET", path)).body.code, "bad-token", path);
  }
});

test("deactivation ends all tokens, and no later reactivation brings them back", async () => {
  const login = `d${Date.now().toString(36)}`;
  const userId = await app.join({ login, roles: ["worker"] });
  await app.settle();
  const { token } = await make(login, ["tasks", "account"]);
  await app.as("admin").patch(`/users/${userId}`, { status: "inactive" });
  await app.settle();
  for (const path of ["/tasks", "/my/account", "/me"]) {
    assert.equal((await call(token, "GET", path)).status, 401, path);
  }
  await app.as("admin").patch(`/users/${userId}`, { status: "active" });
  await app.settle();
  for (const path of ["/tasks", "/my/account", "/me"]) {
    assert.equal((await call(token, "GET", path)).body.code, "bad-token", path);
  }
});

test("a token is refused as soon as a service knows that its owner left, before it knows that the token is revoked", async () => {
  const login = `g${Date.now().toString(36)}`;
  const userId = await app.join({ login, roles: ["worker"] });
  await app.settle();
  const { token } = await make(login, ["tasks"]);
  await app.owner("update tasks.person set active = false where user_id = $1", [userId]);
  assert.equal((await call(token, "GET", "/tasks")).body.code, "user-inactive");
});

test("an expired token is refused, and is no longer listed", async () => {
  const { token, tokenId } = await make("worker3", ["tasks"]);
  for (const schema of ["auth", "tasks"]) {
    await app.owner(`update ${schema}.personal_token set expires_at = clock_timestamp() where token_id = $1`, [
      tokenId,
    ]);
  }
  assert.equal((await call(token, "GET", "/tasks")).body.code, "bad-token");
  assert.equal((await call(token, "GET", "/me")).body.code, "bad-token");
  const listed = await app.as("worker3").get("/my/tokens");
  assert.ok(!listed.body.items.some((one: Made) => one.tokenId === tokenId));
});

test("what is stored and told of a token opens nothing", async () => {
  const { token } = await make("worker2", ["tasks"], 10, { "idempotency-key": "secret-1" });
  const again = await app
    .as("worker2")
    .post("/my/tokens", { name: "x", scopes: ["tasks"], days: 10 }, { "idempotency-key": "secret-1" });
  assert.deepEqual([again.status, again.body.code], [409, "answered-once"]);
  for (const service of ["auth", "tasks", "accounting", "analytics", "notifications"]) {
    const sql = app.sql(service);
    const tables = await sql<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = current_schema() and tablename <> 'migration'",
    );
    for (const { name } of tables) {
      const rows = await app.owner(`select 1 from ${service}."${name}" t where strpos(t::text, $1) > 0`, [
        token.slice(10),
      ]);
      assert.equal(rows.length, 0, `${service}.${name} holds the token`);
    }
  }
  const listed = await app.as("worker2").get("/my/tokens");
  assert.ok(!JSON.stringify(listed.body).includes(token.slice(10)));
});

test("the day of the last use is shown", async () => {
  const { token, tokenId } = await make("manager", ["tasks"]);
  const day = new Date().toISOString().slice(0, 10);
  await call(token, "GET", "/tasks");
  const deadline = Date.now() + 5_000;
  for (;;) {
    const { body } = await app.as("manager").get("/my/tokens");
    const found = body.items.find((one: Made) => one.tokenId === tokenId);
    // The day may have ended in between.
    if (found.lastUsedOn >= day) break;
    assert.ok(Date.now() < deadline, "the use was never noted");
  }
});

test("twenty tokens are enough, also when asked for at once; scopes and lifetimes have limits", async () => {
  const login = `m${Date.now().toString(36)}`;
  await app.join({ login, roles: ["worker"] });
  const answers = await Promise.all(
    Array.from({ length: 25 }, () => app.as(login).post("/my/tokens", { name: "x", scopes: ["tasks"], days: 1 })),
  );
  assert.equal(answers.filter(({ status }) => status === 201).length, 20);
  for (const wrong of [
    { days: 0 },
    { days: 366 },
    { scopes: [] },
    { scopes: ["root"] },
    { name: " " },
    { userId: login },
  ]) {
    const answer = await app.as("worker1").post("/my/tokens", { name: "x", scopes: ["tasks"], days: 1, ...wrong });
    assert.equal(answer.status, 400, JSON.stringify(wrong));
  }
});

test("a made-up or mistyped token is recognised without asking a database", () => {
  const token = newPersonalToken();
  assert.ok(isPersonalToken(token));
  for (let i = 10; i < token.length; i++) {
    const other = token[i] === "a" ? "b" : "a";
    assert.ok(!isPersonalToken(token.slice(0, i) + other + token.slice(i + 1)), `a wrong character at ${i}`);
  }
  assert.ok(!isPersonalToken(token.slice(0, -1)));
  assert.ok(!isPersonalToken(`${token}a`));
});
