import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { Authenticator, type Bend } from "./authenticator.ts";
import { application, beginFlow, Browser, callbackOf, openLogin, redeem, refresh, signInAs } from "./browser.ts";
import { WebBrowser } from "./web-browser.ts";

const PASSWORD = "blue kettle under snow";
let app: TestApp;
let origin: string;
before(async () => {
  app = await startTestApp({ settings: { relyingParties: [application], passkeyGraceDays: 7 } });
  origin = new URL(app.app.config.settings.publicUrl).origin;
});
after(() => app.stop());

let count = 0;
async function somebody(roles: string[]): Promise<{ login: string; userId: string }> {
  const login = `k${Date.now().toString(36)}${count++}`;
  const answer = await app.as("admin").post("/users", { login, name: "Key Popug", roles, password: PASSWORD });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  await app.settle();
  return { login, userId: answer.body.userId };
}

async function begin(login: string): Promise<{ challenge: string }> {
  const begun = await app.as(login).post("/my/passkeys/options", { password: PASSWORD });
  assert.equal(begun.body.outcome, "done", JSON.stringify(begun.body));
  return begun.body.options;
}

async function register(login: string, key = new Authenticator(origin), bend?: Bend) {
  const response = key.create(await begin(login), bend);
  return { key, answer: await app.as(login).post("/my/passkeys", { name: "my key", response }) };
}

/** Opens the login page and posts what the key makes of it. */
async function signIn(key: Authenticator, bend?: Bend) {
  const browser = new Browser(app);
  const flow = beginFlow(app);
  const page = await openLogin(browser, flow);
  const { text } = await browser.go(page);
  const found = /data-options="([^"]+)"/.exec(text)?.[1] ?? "";
  const options = JSON.parse(found.replaceAll("&quot;", '"'));
  const form = { response: key.get(options, bend) };
  const seen = await browser.go(`${page}/passkey`, { form, headers: { "sec-fetch-site": "same-origin" } });
  return { browser, flow, page, options, form, seen };
}

async function tokensOf({ browser, flow, seen }: Awaited<ReturnType<typeof signIn>>) {
  let at = seen;
  assert.equal(at.status, 303, at.text);
  while (!at.location?.startsWith(callbackOf(app))) at = await browser.go(at.location ?? "");
  const code = new URL(at.location).searchParams.get("code") ?? "";
  const answer = await redeem(app, flow, code);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body as { access_token: string; refresh_token: string };
}

async function call(path: string, token: string) {
  const response = await fetch(`${app.url}/api${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, code: ((await response.json()) as { code?: string }).code };
}

test("a passkey is added, signs in without login or password, is named and removed", async () => {
  const { login, userId } = await somebody(["worker"]);
  const { key, answer } = await register(login);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  const before = new Date().toISOString().slice(0, 10);
  const tokens = await tokensOf(await signIn(key));
  assert.equal((await call("/me", tokens.access_token)).status, 200);
  const renamed = await app.as(login).patch(`/my/passkeys/${answer.body.passkeyId}`, { name: "Ноутбук" });
  assert.equal(renamed.body.name, "Ноутбук");
  const { body } = await app.as(login).get("/my/passkeys");
  assert.equal(body.items.length, 1);
  // The day may have ended in between.
  assert.ok([before, new Date().toISOString().slice(0, 10)].includes(body.items[0].lastUsedOn));
  assert.equal((await app.as(login).delete(`/my/passkeys/${answer.body.passkeyId}`)).status, 200);
  assert.equal((await signIn(key)).seen.status, 401);
  const history = await app.as("admin").get(`/users/${userId}/history`);
  const kinds = history.body.items.map((entry: { kind: string }) => entry.kind);
  for (const kind of ["passkey.added", "passkey.renamed", "passkey.removed", "sign-in.succeeded"]) {
    assert.ok(kinds.includes(kind), `${kind} among ${kinds}`);
  }
});

test("a passkey that was made for another page, person or moment is not added", async () => {
  const { login } = await somebody(["worker"]);
  const other = await somebody(["worker"]);
  for (const bend of [
    { origin: "https://evil.example" },
    { origin: "http://localhost:7071" },
    { rpId: "evil.example" },
    { type: "webauthn.get" },
    { challenge: Buffer.alloc(32).toString("base64url") },
    { userVerified: false },
    { userPresent: false },
    { challenge: (await begin(other.login)).challenge },
  ]) {
    const { answer } = await register(login, undefined, bend);
    assert.deepEqual([answer.status, answer.body.code], [400, "bad-passkey"], JSON.stringify(bend));
  }
  const key = new Authenticator(origin);
  const response = key.create(await begin(login));
  assert.equal((await app.as(login).post("/my/passkeys", { name: "one", response })).status, 201);
  const again = await app.as(login).post("/my/passkeys", { name: "two", response });
  assert.equal(again.body.code, "bad-passkey", "the same answer twice");
  const twice = key.create(await begin(login));
  assert.equal((await app.as(login).post("/my/passkeys", { name: "two", response: twice })).status, 409);
});

test("of twenty who bring one answer at once, one adds the passkey", async () => {
  const { login } = await somebody(["worker"]);
  const response = new Authenticator(origin).create(await begin(login));
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => app.as(login).post("/my/passkeys", { name: "x", response })),
  );
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
});

test("adding one needs the password; guessing it there is slowed down as everywhere", async () => {
  const { login } = await somebody(["worker"]);
  const outcomes = [];
  for (let i = 0; i < 8; i++) {
    const { body } = await app.as(login).post("/my/passkeys/options", { password: "a wrong password" });
    assert.equal(body.options, null);
    outcomes.push(body.outcome);
  }
  assert.deepEqual([outcomes[0], outcomes.at(-1)], ["wrong-password", "wait"]);
});

test("nothing but the key's own answer to this very page lets anybody in", async () => {
  const { login } = await somebody(["worker"]);
  const { key } = await register(login);
  const stranger = new Authenticator(origin);
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const bends: Bend[] = [
    { origin: "https://evil.example" },
    { rpId: "evil.example" },
    { type: "webauthn.create" },
    { challenge: Buffer.alloc(32).toString("base64url") },
    { userVerified: false },
    { userPresent: false },
    { key: privateKey },
  ];
  for (const bend of bends) assert.equal((await signIn(key, bend)).seen.status, 401, Object.keys(bend).join());
  assert.equal((await signIn(stranger)).seen.status, 401);
  // An answer to one page, brought to another.
  const first = await signIn(stranger);
  const second = await signIn(key, { challenge: first.options.challenge });
  assert.equal(second.seen.status, 401);
  for (const response of [
    "",
    "{",
    "null",
    "[]",
    '{"id":"x"}',
    '{"id":"x","response":{}}',
    JSON.stringify({ id: "\0" }),
  ]) {
    const { browser, page } = await signIn(stranger);
    const seen = await browser.go(`${page}/passkey`, {
      form: { response },
      headers: { "sec-fetch-site": "same-origin" },
    });
    assert.equal(seen.status, 401, response);
  }
  const fromElsewhere = await signIn(stranger);
  const form = { response: key.get(fromElsewhere.options) };
  const seen = await fromElsewhere.browser.go(`${fromElsewhere.page}/passkey`, {
    form,
    headers: { "sec-fetch-site": "cross-site" },
  });
  assert.equal(seen.status, 400);
  assert.equal((await signIn(key)).seen.status, 303);
});

test("a copy of an authenticator shows by its counter and is not let in", async () => {
  const { login, userId } = await somebody(["worker"]);
  const { key } = await register(login);
  for (const counter of [5, 6, 100]) assert.equal((await signIn(key, { counter })).seen.status, 303);
  for (const counter of [100, 99, 0]) assert.equal((await signIn(key, { counter })).seen.status, 401, `${counter}`);
  const { body } = await app.as("admin").get(`/security-audit?kind=passkey.cloned&userId=${userId}`);
  assert.equal(body.items.length, 3);
});

test("nobody sees, names or removes the passkey of somebody else; a deactivated one's opens nothing", async () => {
  const { login, userId } = await somebody(["worker"]);
  const { key, answer } = await register(login);
  const id = answer.body.passkeyId;
  const missing = "018f3c8e-1c5a-7d2b-9a1e-3f4b5c6d7e8f";
  for (const one of [id, missing]) {
    for (const refused of [
      await app.as("worker1").patch(`/my/passkeys/${one}`, { name: "mine" }),
      await app.as("worker1").delete(`/my/passkeys/${one}`),
    ]) {
      assert.deepEqual([refused.status, refused.body.code], [404, "unknown-passkey"]);
    }
  }
  await app.as("admin").patch(`/users/${userId}`, { status: "inactive" });
  assert.equal((await signIn(key)).seen.status, 401);
});

test("after the period of grace a password alone gives no privileged role, in no service, however it is refreshed", async () => {
  const { login, userId } = await somebody(["accountant"]);
  const browser = new Browser(app);
  const flow = beginFlow(app);
  const fresh = await redeem(app, flow, await signInAs(app, browser, flow, login, PASSWORD));
  assert.equal((await call("/accounts", fresh.body.access_token)).status, 200, "during the period of grace");
  await app.owner("update auth.users set privileged_since = clock_timestamp() - interval '8 days' where user_id = $1", [
    userId,
  ]);
  const again = beginFlow(app);
  const late = await redeem(app, again, await signInAs(app, new Browser(app), again, login, PASSWORD));
  const tokens = [late.body.access_token];
  tokens.push((await refresh(app, fresh.body.refresh_token)).body.access_token);
  for (const token of tokens) {
    assert.deepEqual(await call("/accounts", token), { status: 403, code: "passkey-needed" });
    assert.deepEqual(await call("/users", token), { status: 403, code: "not-allowed" });
    assert.equal((await call("/tasks", token)).status, 200);
  }
  const web = new WebBrowser(app);
  await web.signIn(login, PASSWORD);
  const born = await web.call("POST", "/my/tokens", { name: "x", scopes: ["accounts"], days: 1 });
  assert.deepEqual([born.status, born.body.code], [403, "passkey-needed"]);
  const { key } = await register(login);
  const strong = await tokensOf(await signIn(key));
  assert.equal((await call("/accounts", strong.access_token)).status, 200);
  const another = await web.call("POST", "/my/passkeys/options", { password: PASSWORD });
  assert.deepEqual(
    [another.status, another.body.code],
    [403, "passkey-needed"],
    "a stolen password must not add a key",
  );
});
