import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../../kit/app.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
after(() => app.stop());

const unique = () => `p${Math.random().toString(36).slice(2, 12)}`;

async function newUser(more: Record<string, unknown> = {}) {
  const login = unique();
  const answer = await app.as("admin").post("/users", { login, name: `Popug ${login}`, ...more });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body as { userId: string; login: string; version: number };
}

async function eventsOf(userId: string) {
  await app.settle();
  return app.sql("auth")<{ type: string; actor: string; command: string; data: Record<string, unknown> }>(
    "select type, actor, command, data from log where key = $1 order by partition, position",
    [userId],
  );
}

test("an admin creates a popug; everybody is told the full state", async () => {
  const user = await newUser({ email: "kesha@popug.test", roles: ["accountant", "worker"], language: "ru" });
  const [event, ...more] = await eventsOf(user.userId);
  assert.equal(more.length, 0);
  assert.equal(event?.type, "user.created");
  assert.equal(event?.command, "user.create");
  assert.equal(event?.actor, `user:${app.people["admin"]}`);
  const { validFrom, ...state } = event?.data ?? {};
  assert.ok(Date.parse(String(validFrom)) <= Date.now());
  assert.deepEqual(state, {
    userId: user.userId,
    login: user.login,
    name: `Popug ${user.login}`,
    email: "kesha@popug.test",
    roles: ["worker", "accountant"],
    language: "ru",
    status: "active",
    version: 1,
  });
});

test("a login is given once, whoever asks and however many ask at once", async () => {
  const login = unique();
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => app.as("admin").post("/users", { login, name: "Twin" })),
  );
  assert.deepEqual(answers.map((a) => a.status).sort(), [201, ...Array.from({ length: 9 }, () => 409)]);
  assert.ok(answers.every((a) => a.status === 201 || a.body.code === "login-taken"));
});

test("what cannot be a user is refused: logins, names, roles, short passwords, fields of ours", async () => {
  const good = { login: unique(), name: "Kesha" };
  for (const wrong of [
    { login: "K" },
    { login: "Kesha" },
    { login: "kesha kesha" },
    { login: "x".repeat(61) },
    { name: "" },
    { name: "   " },
    { name: "x".repeat(201) },
    { email: "no address" },
    { email: "a@b>c" },
    { roles: [] },
    { roles: ["root"] },
    { roles: ["worker", "worker"] },
    { language: "de" },
    { password: "short" },
    { password: "x".repeat(129) },
    { version: 7 },
    { status: "inactive" },
    { userId: app.people["worker1"] },
  ]) {
    const answer = await app.as("admin").post("/users", { ...good, ...wrong });
    assert.equal(answer.status, 400, JSON.stringify(wrong));
  }
});

test("only admins create, change and list people; everybody sees who they are", async () => {
  const user = await newUser();
  for (const login of ["worker1", "manager", "accountant"]) {
    const client = app.as(login);
    const answers = [
      await client.post("/users", { login: unique(), name: "Kesha" }),
      await client.patch(`/users/${user.userId}`, { name: "Gosha" }),
      await client.get("/users"),
      await client.get(`/users/${user.userId}`),
    ];
    assert.deepEqual(
      answers.map((a) => a.status),
      [403, 403, 403, 403],
      login,
    );
    const me = await client.get("/me");
    assert.equal(me.status, 200);
    assert.equal(me.body.login, login);
  }
  const anonymous = await fetch(`${app.url}/api/users`);
  assert.equal(anonymous.status, 401);
});

test("each change raises the version by one and tells the full state; no change tells nothing", async () => {
  const { userId } = await newUser();
  const admin = app.as("admin");
  const changes = [{ name: "Gosha" }, { roles: ["manager"] }, { email: "g@popug.test", language: "ru" }];
  for (const [i, change] of changes.entries()) {
    const answer = await admin.patch(`/users/${userId}`, change);
    assert.equal(answer.status, 200);
    assert.equal(answer.body.version, i + 2);
    const again = await admin.patch(`/users/${userId}`, change);
    assert.equal(again.body.version, i + 2);
  }
  const events = await eventsOf(userId);
  assert.deepEqual(
    events.map((e) => [e.type, e.data["version"]]),
    [
      ["user.created", 1],
      ["user.updated", 2],
      ["user.updated", 3],
      ["user.updated", 4],
    ],
  );
  const last = events.at(-1)?.data;
  assert.equal(last?.["name"], "Gosha");
  assert.deepEqual(last?.["roles"], ["manager"]);
  assert.equal(last?.["language"], "ru");
});

test("people choose the language of their own mails, and nothing else of their entry", async () => {
  const { userId } = (await app.as("worker1").get("/me")).body;
  const chosen = await app.as("worker1").patch("/my/mail-language", { language: "ru" });
  assert.deepEqual([chosen.status, chosen.body.language], [200, "ru"]);
  const told = (await eventsOf(userId)).at(-1);
  assert.deepEqual([told?.type, told?.data["language"], told?.actor], ["user.updated", "ru", `user:${userId}`]);
  const more = await app.as("worker1").patch("/my/mail-language", { language: "en", roles: ["admin"], name: "Boss" });
  assert.equal(more.status, 400);
  const { roles, name } = (await app.as("worker1").get("/me")).body;
  assert.deepEqual([roles, name], [chosen.body.roles, chosen.body.name]);
});

test("changes of one user at once are each told, in the order of their versions", async () => {
  const { userId } = await newUser();
  await Promise.all(Array.from({ length: 12 }, (_, i) => app.as("admin").patch(`/users/${userId}`, { name: `N${i}` })));
  const versions = (await eventsOf(userId)).map((e) => e.data["version"]);
  assert.deepEqual(
    versions,
    Array.from({ length: 13 }, (_, i) => i + 1),
  );
});

test("whoever does not exist cannot be changed or shown", async () => {
  const nobody = "018f0000-0000-7000-8000-000000000000";
  assert.equal((await app.as("admin").patch(`/users/${nobody}`, { name: "Gosha" })).body.code, "unknown-user");
  assert.equal((await app.as("admin").get(`/users/${nobody}`)).status, 404);
  assert.equal((await app.as("admin").get("/users/no-uuid")).status, 400);
  assert.equal((await app.as("admin").patch(`/users/${nobody}`, {})).status, 400);
});

test("nobody changes their own roles, and of two admins who demote each other at once one stays", async () => {
  const admin = app.as("admin");
  const self = await admin.patch(`/users/${app.people["admin"]}`, { roles: ["worker", "admin"] });
  assert.equal(self.status, 403);
  assert.equal(self.body.code, "own-roles");
  const alone = await admin.patch(`/users/${app.people["admin"]}`, { status: "inactive" });
  assert.equal(alone.body.code, "last-admin");

  for (let round = 0; round < 10; round++) {
    const other = await newUser({ roles: ["admin"] });
    const otherClient = app.as(other.login);
    await otherClient.token();
    const answers = await Promise.all([
      admin.patch(`/users/${other.userId}`, { roles: ["worker"] }),
      otherClient.patch(`/users/${app.people["admin"]}`, { roles: ["worker"] }),
    ]);
    const [left] = await app.sql("auth")<{ count: number }>(
      "select count(*) as count from users where status = 'active' and 'admin' = any (roles)",
    );
    assert.ok(left && left.count >= 1, JSON.stringify(answers.map((a) => a.body)));
    // Whoever won, the next round needs the first admin back.
    await app.owner("update auth.users set roles = '{admin}', version = version + 1 where user_id = $1", [
      app.people["admin"],
    ]);
    await app.owner("update auth.users set roles = '{worker}', version = version + 1 where user_id = $1", [
      other.userId,
    ]);
  }
});

test("people are listed by login in pages, and found by name, role and status", async () => {
  const admin = app.as("admin");
  const mark = unique();
  const logins: string[] = [];
  for (let i = 0; i < 5; i++) logins.push((await newUser({ name: `${mark} ${i}`, roles: ["manager"] })).login);
  await admin.patch(`/users/${(await admin.get(`/users?q=${logins[0]}`)).body.items[0].userId}`, {
    status: "inactive",
  });

  const found: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const answer = await admin.get(`/users?q=${mark.toUpperCase()}&limit=2${cursor && `&cursor=${cursor}`}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    found.push(...answer.body.items.map((u: { login: string }) => u.login));
    cursor = answer.body.nextCursor;
  }
  assert.deepEqual(found, logins.toSorted());
  assert.equal((await admin.get(`/users?q=${mark}&status=inactive`)).body.items.length, 1);
  assert.equal((await admin.get(`/users?q=${mark}&role=worker`)).body.items.length, 0);
  assert.equal((await admin.get("/users?q=%25")).body.items.length, 0);
  assert.equal((await admin.get("/users?cursor=nonsense")).body.code, "bad-cursor");
});

test("a deactivated popug is refused at once by auth, and by everybody else when the event is there; reactivation lets in", async () => {
  const { userId, login } = await newUser();
  await app.settle();
  const client = app.as(login);
  const token = await client.token();
  const call = async (path: string) =>
    (await fetch(`${app.url}/api${path}`, { headers: { authorization: `Bearer ${token}` } })).status;
  assert.equal(await call("/me"), 200);
  assert.equal(await call("/tasks"), 200);

  const off = await app.as("admin").patch(`/users/${userId}`, { status: "inactive" });
  assert.equal(off.body.status, "inactive");
  assert.equal(await call("/me"), 401);
  await app.settle();
  assert.equal(await call("/tasks"), 401);

  await app.as("admin").patch(`/users/${userId}`, { status: "active" });
  await app.settle();
  // The old token stays dead: it was issued before access ended.
  assert.equal(await call("/me"), 401);
  assert.equal(await call("/tasks"), 401);
});

test("a role given takes effect without a new sign-in", async () => {
  const { userId, login } = await newUser();
  await app.settle();
  const token = await app.as(login).token();
  const list = async () =>
    (await fetch(`${app.url}/api/users`, { headers: { authorization: `Bearer ${token}` } })).status;
  assert.equal(await list(), 403);
  await app.as("admin").patch(`/users/${userId}`, { roles: ["admin"] });
  assert.equal(await list(), 200);
  await app.as("admin").patch(`/users/${userId}`, { roles: ["worker"] });
  assert.equal(await list(), 403);
});

test("the security audit can be added to, never changed, also not by auth itself", async () => {
  const { userId } = await newUser();
  await app.as("admin").patch(`/users/${userId}`, { roles: ["manager"] });
  await app.as("admin").patch(`/users/${userId}`, { status: "inactive" });
  const sql = app.sql("auth");
  const entries = await sql<{ kind: string; actor: string }>(
    "select kind, actor from security_audit where user_id = $1 order by entry",
    [userId],
  );
  assert.deepEqual(
    entries.map((e) => e.kind),
    ["user.created", "roles.changed", "user.deactivated"],
  );
  assert.ok(entries.every((e) => e.actor === `user:${app.people["admin"]}`));
  await assert.rejects(sql("update security_audit set kind = 'x'"), /permission denied/);
  await assert.rejects(sql("delete from security_audit"), /permission denied/);
});
