import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { weaknessOf } from "../../../src/services/auth/password-strength.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
after(() => app.stop());

let count = 0;
const unique = () => `j${Date.now().toString(36)}${count++}`;
const GOOD = "blue kettle under snow";

async function page(path: string, form?: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(`${app.url}${path}`, {
    redirect: "manual",
    headers: { "sec-fetch-site": "same-origin", ...headers },
    ...(form && { method: "POST", body: new URLSearchParams(form) }),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

const twice = (password: string) => ({ password, repeat: password });

/** What a browser sends of a link: its page, and by the script of that page what stands behind the #. */
function open(link: string, form: Record<string, string> = {}, headers: Record<string, string> = {}) {
  const { pathname, hash } = new URL(link);
  return page(`${pathname}/password`, { token: hash.slice(1), ...form }, headers);
}

async function invite(more: Record<string, unknown> = {}) {
  const login = unique();
  const answer = await app.as("admin").post("/invitations", { login, name: "Новый Попуг", ...more });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return { login, ...(answer.body as { invitationId: string; link: string }) };
}

async function hasPassword(login: string): Promise<string | null> {
  const [row] = await app.owner<{ hash: string }>(
    "select password_hash as hash from auth.credential join auth.users using (user_id) where login = $1",
    [login],
  );
  return row?.hash ?? null;
}

test("whoever is invited becomes a user with a password of their own; before that nobody is told of them", async () => {
  const { login, link } = await invite({ roles: ["manager"], language: "ru", email: "n@popug.test" });
  assert.equal((await app.owner("select 1 from auth.users where login = $1", [login])).length, 0);
  const form = await open(link, {}, { "accept-language": "ru" });
  assert.equal(form.status, 200);
  assert.match(form.text, /<html lang="ru">/);
  assert.match(form.text, /Новый Попуг, выберите пароль/);
  assert.equal(form.headers.get("cache-control"), "no-store");
  const done = await open(link, twice(GOOD));
  assert.equal(done.status, 200, done.text);
  assert.match((await hasPassword(login)) ?? "", /^\$argon2id\$/);
  const me = await app.as(login).get("/me");
  assert.deepEqual([me.body.roles, me.body.language, me.body.email], [["manager"], "ru", "n@popug.test"]);
  await app.settle();
  const [event] = await app.sql("auth")<{ actor: string }>(
    "select actor from log where type = 'user.created' and key = $1",
    [me.body.userId],
  );
  assert.equal(event?.actor, "system:invitation");
});

test("a page behind a link tells nothing and does nothing before the secret has been sent to it", async () => {
  const { link, login } = await invite();
  const { status, text } = await page(new URL(link).pathname);
  assert.equal(status, 200);
  assert.doesNotMatch(text, new RegExp(login));
  // Somebody without JavaScript may paste the whole link.
  assert.match((await page("/join/password", { token: ` ${link} ` })).text, new RegExp(login));
  assert.equal((await page(`${new URL(link).pathname}/${new URL(link).hash.slice(1)}`)).status, 404);
});

test("a link opens once: later, revoked, expired and made-up ones all get the same answer", async () => {
  const used = await invite();
  await open(used.link, twice(GOOD));
  const revoked = await invite();
  assert.equal((await app.as("admin").delete(`/invitations/${revoked.invitationId}`)).status, 200);
  const expired = await invite();
  await app.owner("update auth.invitation set expires_at = clock_timestamp() where invitation_id = $1", [
    expired.invitationId,
  ]);
  const answers = [];
  const madeUp = ["A".repeat(43), "x", ""].map((token) => `${app.url}/join#${token}`);
  for (const link of [used.link, revoked.link, expired.link, ...madeUp]) {
    for (const form of [undefined, twice(GOOD)]) {
      const { status, text } = await open(link, form);
      answers.push(`${status} ${text}`);
    }
  }
  assert.equal(new Set(answers).size, 1, "the answers differ");
  assert.match(answers[0] ?? "", /^404 /);
});

test("nothing that is stored, told or audited opens an invitation", async () => {
  const { link } = await invite();
  const secret = link.split("#").at(-1) ?? "";
  assert.equal(Buffer.from(secret, "base64url").length, 32);
  await app.settle();
  for (const schema of ["auth", "tasks", "accounting", "analytics", "notifications"]) {
    const tables = await app.owner<{ name: string }>("select tablename as name from pg_tables where schemaname = $1", [
      schema,
    ]);
    for (const { name } of tables) {
      const rows = await app.owner(`select 1 from ${schema}."${name}" t where strpos(t::text, $1) > 0`, [secret]);
      assert.equal(rows.length, 0, `${schema}.${name} holds it`);
    }
  }
});

test("a login is held for whoever was invited with it, and is free again when the invitation is over", async () => {
  const { login, invitationId } = await invite();
  const again = await app.as("admin").post("/invitations", { login, name: "Twin" });
  assert.deepEqual([again.status, again.body.code], [409, "login-taken"]);
  const taken = await app.as("admin").post("/invitations", { login: "worker1", name: "Twin" });
  assert.deepEqual([taken.status, taken.body.code], [409, "login-taken"]);
  await app.owner("update auth.invitation set expires_at = clock_timestamp() where invitation_id = $1", [invitationId]);
  assert.equal((await app.as("admin").post("/invitations", { login, name: "Twin" })).status, 201);
});

test("weak passwords, two that differ and pages of other sites do not get in; the link stays good", async () => {
  const { link, login } = await invite({ name: "Аркадий Паровозов" });
  for (const form of [
    twice("short"),
    twice("password1234"),
    twice("qwertyuiop12"),
    // In no list of leaks as it is; made of what is.
    twice("letmeinletmein2026"),
    twice("Паровозов-2026"),
    { password: GOOD, repeat: `${GOOD}!` },
  ]) {
    assert.equal((await open(link, form)).status, 400, JSON.stringify(form));
  }
  assert.equal((await open(link, twice(GOOD), { "sec-fetch-site": "cross-site" })).status, 400);
  assert.equal(await hasPassword(login), null);
  assert.equal((await open(link, twice(GOOD))).status, 200);
});

test("an invitation that is sent again has a new link and all its time; the link before opens nothing", async () => {
  const { invitationId, link, login } = await invite();
  await app.owner("update auth.invitation set expires_at = expires_at - interval '1 day' where invitation_id = $1", [
    invitationId,
  ]);
  const resend = (who: string) => app.as(who).post(`/invitations/${invitationId}/resend`);
  assert.equal((await resend("manager")).status, 403);
  const answer = await resend("admin");
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.ok(Date.parse(answer.body.expiresAt) - Date.now() > 71 * 3_600_000);
  assert.equal((await open(link, twice(GOOD))).status, 404);
  assert.equal((await open(answer.body.link, twice(GOOD))).status, 200);
  assert.match((await hasPassword(login)) ?? "", /argon2id/);
  // Whoever has joined is not invited any more.
  assert.deepEqual([(await resend("admin")).status, (await resend("admin")).body.code], [404, "unknown-invitation"]);
});

test("with a mail server the link goes by mail only; what is sent before it is sent is stored nowhere", async () => {
  const mailing = await startTestApp({ people: 0, loops: false, settings: { smtpUrl: "smtp://127.0.0.1:9" } });
  try {
    const answer = await mailing
      .as("admin")
      .post("/invitations", { login: "mailed", name: "Mailed", email: "m@popug.test" });
    assert.deepEqual([answer.status, answer.body.link], [201, null]);
    const [row] = await mailing.owner<{ hash: Buffer | null }>("select token_hash as hash from auth.invitation");
    assert.equal(row?.hash, null);
    const unmailed = await mailing.as("admin").post("/invitations", { login: "nomail", name: "No mail" });
    assert.match(unmailed.body.link, /\/join#/);
  } finally {
    await mailing.stop();
  }
});

/** The newest link in the mailbox folder that goes to an address. */
async function mailedLink(address: string): Promise<string | undefined> {
  const folder = join(app.dataDir, "mailbox");
  const found: string[] = [];
  for (const file of await readdir(folder).catch(() => [])) {
    const text = (await readFile(join(folder, file), "utf8")).replaceAll("=\r\n", "");
    if (text.includes(address)) found.push(/https?:\/\/[^\s"<]*\/reset\/link#[\w-]{43}/.exec(text)?.[0] ?? "");
  }
  return found.at(-1);
}

test("whoever forgot their password gets a link by mail; everybody else gets the same answer and no mail", async () => {
  await app.join({ login: "forgetful", roles: ["worker"] });
  const inactive = await app.join({ login: "gone-away", roles: ["worker"] });
  await app.as("admin").patch(`/users/${inactive}`, { status: "inactive" });
  const answers = [];
  for (const asked of [
    "forgetful",
    "nobody-at-all",
    "gone-away",
    "gone-away@popug.test",
    " FORGETFUL ",
    "x".repeat(300),
  ]) {
    const { status, text } = await page("/reset", { asked });
    answers.push(`${status} ${text}`);
  }
  assert.equal(new Set(answers).size, 1);
  await app.settle();
  assert.equal(await mailedLink("gone-away@popug.test"), undefined);
  const link = (await mailedLink("forgetful@popug.test")) ?? "";
  assert.equal((await open(link)).status, 200);
  assert.equal((await open(link, twice(GOOD))).status, 200);
  assert.equal((await open(link, twice(GOOD))).status, 404);
  assert.ok(await hasPassword("forgetful"));
  const rows = await app.owner<{ asked: string }>("select asked from auth.password_request where asked = 'forgetful'");
  assert.equal(rows.length, 1, "asked twice within five minutes, answered once");
});

test("a mailed link is good for ten minutes; after that one click sends a new one, which a used or made-up link does not", async () => {
  const userId = await app.join({ login: "slow", roles: ["worker"] });
  await page("/reset", { asked: "slow" });
  await app.settle();
  const link = (await mailedLink("slow@popug.test")) ?? "";
  assert.equal((await open(link)).status, 200);
  await app.owner("update auth.password_link set expires_at = expires_at - interval '9 minutes' where user_id = $1", [
    userId,
  ]);
  assert.equal((await open(link)).status, 200);
  await app.owner("update auth.password_link set expires_at = expires_at - interval '1 minute' where user_id = $1", [
    userId,
  ]);
  const late = await open(link);
  assert.equal(late.status, 404);
  assert.match(late.text, /action="\/reset\/link\/new"/);
  const anew = (of: string) => page("/reset/link/new", { token: new URL(of).hash.slice(1) });
  await app.owner("delete from auth.password_request where asked = 'slow'");
  assert.equal((await anew(link.replace(/#.*/, "#made-up"))).status, 404);
  assert.equal((await anew(link)).status, 200);
  await app.settle();
  const next = (await mailedLink("slow@popug.test")) ?? "";
  assert.notEqual(next, link);
  assert.equal((await anew(link)).status, 404, "the new one ends the old one");
  assert.equal((await open(next, twice(GOOD))).status, 200);
  assert.equal((await anew(next)).status, 404);
});

/** Tokens count whole seconds, so those of the second in which a password was set are refused; people take longer. */
async function beginSecond(userId: string): Promise<void> {
  await app.owner("update auth.users set valid_from = date_trunc('second', valid_from) where user_id = $1", [userId]);
}

test("a new password ends all sessions and access tokens; tokens for scripts stay", async () => {
  const login = unique();
  const userId = await app.join({ login, roles: ["worker"] });
  const made = await app.as("admin").post(`/users/${userId}/password-link`);
  assert.equal(made.status, 201);
  await open(made.body.link, twice(GOOD));
  await beginSecond(userId);
  const pat = await app.as(login).post("/my/tokens", { name: "x", scopes: ["tasks"], days: 1 });
  await app.settle();
  const before = await app.as(login).token();
  const call = async (path: string, token: string) =>
    (await fetch(`${app.url}/api${path}`, { headers: { authorization: `Bearer ${token}` } })).status;
  assert.equal(await call("/me", before), 200);
  const changed = await app.as(login).post("/my/password", { old: GOOD, new: `${GOOD} again` });
  assert.deepEqual(changed.body, { outcome: "done", waitSeconds: 0 });
  await app.settle();
  for (const path of ["/me", "/tasks"]) {
    assert.equal(await call(path, before), 401, path);
    assert.equal(await call(path, pat.body.token), 200, path);
  }
});

test("the old password is needed, guessing it is slowed down, and a weak new one is refused", async () => {
  const login = unique();
  const userId = await app.join({ login, roles: ["worker"] });
  const none = await app.as(login).post("/my/password", { old: "", new: GOOD });
  assert.deepEqual([none.status, none.body.code], [409, "no-password"]);
  const made = await app.as("admin").post(`/users/${userId}/password-link`);
  await open(made.body.link, twice(GOOD));
  await beginSecond(userId);
  const weak = await app.as(login).post("/my/password", { old: GOOD, new: `${login}${login}` });
  assert.deepEqual([weak.status, weak.body.code], [400, "weak-password"]);
  const outcomes = [];
  for (let i = 0; i < 8; i++) {
    outcomes.push((await app.as(login).post("/my/password", { old: "a wrong password", new: GOOD })).body.outcome);
  }
  assert.equal(outcomes[0], "wrong-password");
  assert.equal(outcomes.at(-1), "wait");
});

test("a link for somebody inactive or unknown is not made; deactivation ends those that are there", async () => {
  const unknown = await app.as("admin").post("/users/018f3c8e-1c5a-7d2b-9a1e-3f4b5c6d7e8f/password-link");
  assert.deepEqual([unknown.status, unknown.body.code], [404, "unknown-user"]);
  const userId = await app.join({ login: unique(), roles: ["worker"] });
  const { body } = await app.as("admin").post(`/users/${userId}/password-link`);
  await app.as("admin").patch(`/users/${userId}`, { status: "inactive" });
  assert.equal((await open(body.link)).status, 404);
  await app.as("admin").patch(`/users/${userId}`, { status: "active" });
  assert.equal((await open(body.link, twice(GOOD))).status, 404);
  const later = await app.as("admin").post(`/users/${userId}/password-link`);
  await app.owner("update auth.users set status = 'inactive' where user_id = $1", [userId]);
  assert.equal((await open(later.body.link)).status, 404, "asked at every use, too");
  assert.equal((await open(later.body.link, twice(GOOD))).status, 404);
});

test("a newer password link ends the older", async () => {
  const userId = await app.join({ login: unique(), roles: ["worker"] });
  const older = await app.as("admin").post(`/users/${userId}/password-link`);
  const newer = await app.as("admin").post(`/users/${userId}/password-link`);
  assert.equal((await open(older.body.link)).status, 404);
  assert.equal((await open(newer.body.link, twice(GOOD))).status, 200);
});

test("what anybody knows of a person, and the product's name, do not make a password", () => {
  const context = ["evlampy", "Evlampy Perev", "evlampy@popug.test"];
  assert.equal(weaknessOf("evlampy1987popug!", context), "context");
  assert.equal(weaknessOf("Perev Perev Evlampy", context), "context");
  assert.equal(weaknessOf("evlampy under seven kettles", context), null);
  assert.equal(weaknessOf("x".repeat(129), []), "long");
  assert.equal(weaknessOf("п".repeat(11), []), "short");
});
