import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readConfig } from "../../src/config.ts";
import { StartRefused } from "../../src/platform/start-refused.ts";
import { ClientSecretPost } from "openid-client";
import { rolesOf } from "../../src/services/auth/identities.ts";
import { openidPeer } from "../../src/services/auth/openid-peer.ts";
import type { OtherProvider } from "../../src/settings.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { newcomer, WebBrowser } from "../services/auth/web-browser.ts";
import { API, type OtherProviderPeer, SECRET, startOtherProvider, throughOtherProvider } from "./other-provider.ts";

const OURS = "http://localhost:7070";
let other: OtherProviderPeer;
let beside: TestApp;
let instead: TestApp;

const settingsFor = (issuer: string, more: Partial<OtherProvider>): OtherProvider => ({
  issuer,
  clientId: "popug",
  clientSecret: SECRET,
  name: "Company",
  instead: false,
  audience: API,
  rolesClaim: "groups",
  roles: { staff: ["worker"], books: ["worker", "accountant"], bosses: ["admin"] },
  createUsers: true,
  ...more,
});

before(async () => {
  other = await startOtherProvider([`${OURS}/login/elsewhere/callback`, `${OURS}/auth/callback`]);
  beside = await startTestApp({ people: [], settings: { otherProvider: settingsFor(other.issuer, {}) } });
  instead = await startTestApp({
    people: [],
    settings: { otherProvider: settingsFor(other.issuer, { instead: true }) },
  });
});
after(async () => {
  await beside?.stop();
  await instead?.stop();
  await other?.stop();
});

/** Signs in by the link on our page. */
async function signInBeside(app: TestApp, browser = new WebBrowser(app), again = "") {
  const page = await browser.follow(`/auth/login?return_to=/auth/${again}`);
  assert.match(page.seen.text, new RegExp(`href="${page.address}/elsewhere"[^>]*>[^<]*Company`));
  const left = await browser.go(`${page.address}/elsewhere`);
  const back = await throughOtherProvider(left.location ?? assert.fail(left.text), OURS);
  const { seen } = await browser.follow(back);
  await app.settle();
  return { browser, seen, back };
}

test("whoever the other provider knows and has a mapped role joins by signing in, once, under their subject", async () => {
  other.person = {
    subject: "s-1",
    claims: {
      name: "Кеша",
      preferred_username: "Kesha Ivanov",
      email: "kesha@company.test",
      groups: ["books", "golf"],
    },
  };
  const first = await signInBeside(beside);
  assert.equal(first.seen.status, 200, first.seen.text);
  const me = (await first.browser.call("GET", "/me")).body;
  assert.deepEqual(
    [me.login, me.name, me.email, me.roles],
    ["kesha-ivanov", "Кеша", "kesha@company.test", ["worker", "accountant"]],
  );
  // Another name there is the same person here; the same name under another subject is somebody else.
  other.person = { subject: "s-1", claims: { preferred_username: "renamed", groups: ["staff"] } };
  const again = (await (await signInBeside(beside)).browser.call("GET", "/me")).body;
  assert.deepEqual([again.userId, again.login, again.roles], [me.userId, "kesha-ivanov", ["worker"]]);
  other.person = {
    subject: "s-2",
    claims: { preferred_username: "Kesha Ivanov", email: "kesha@company.test", groups: ["staff"] },
  };
  const namesake = (await (await signInBeside(beside)).browser.call("GET", "/me")).body;
  assert.equal(namesake.login, "kesha-ivanov-2");
  assert.notEqual(namesake.userId, me.userId);
});

test("no mapped role, no entry; groups are names in a table and nothing else", async () => {
  other.person = {
    subject: "s-3",
    claims: { preferred_username: "guest", groups: ["golf", "constructor", "__proto__", "admin"] },
  };
  const { browser, seen } = await signInBeside(beside);
  assert.equal(seen.status, 400);
  assert.ok(!browser.cookies.has("__Host-popug"));
  const table = settingsFor("x", {});
  assert.deepEqual(rolesOf(table, { groups: "books" }), ["worker", "accountant"]);
  for (const groups of [undefined, 7, { books: true }, [["books"]], "toString"])
    assert.deepEqual(rolesOf(table, { groups }), []);
});

test("an e-mail address or a login that is the same links nobody; an admin links, each subject once and for ever", async () => {
  const userId = await newcomer(beside, "gosha", { email: "gosha@company.test", roles: ["worker"] });
  const otherId = await newcomer(beside, "rio");
  const admin = beside.as("admin");
  assert.equal((await admin.post(`/users/${userId}/identities`, { subject: "s-4" })).status, 200);
  assert.equal((await admin.post(`/users/${userId}/identities`, { subject: "s-4" })).status, 200);
  const taken = await admin.post(`/users/${otherId}/identities`, { subject: "s-4" });
  assert.deepEqual([taken.status, taken.body.code], [409, "identity-taken"]);
  assert.equal((await beside.as("rio").post(`/users/${otherId}/identities`, { subject: "s-9" })).status, 403);
  other.person = { subject: "s-4", claims: { groups: ["staff"] } };
  assert.equal((await (await signInBeside(beside)).browser.call("GET", "/me")).body.login, "gosha");
  other.person = {
    subject: "s-5",
    claims: { preferred_username: "gosha", email: "gosha@company.test", groups: ["staff"] },
  };
  assert.equal((await (await signInBeside(beside)).browser.call("GET", "/me")).body.login, "gosha-2");
});

test("the deactivated stay out, whatever the other provider says", async () => {
  other.person = { subject: "s-6", claims: { preferred_username: "leaver", groups: ["staff"] } };
  const { browser } = await signInBeside(beside);
  const { userId } = (await browser.call("GET", "/me")).body;
  await beside.as("admin").patch(`/users/${userId}`, { status: "inactive" });
  assert.equal((await browser.call("GET", "/me")).status, 401);
  assert.equal((await signInBeside(beside)).seen.status, 400);
});

test("the way there and back counts in the browser and the sign-in that set out", async () => {
  other.person = { subject: "s-1", claims: { groups: ["staff"] } };
  const { back } = await signInBeside(beside);
  assert.equal((await new WebBrowser(beside).go(back)).status, 400);
  const browser = new WebBrowser(beside);
  const page = await browser.follow("/auth/login");
  assert.equal((await browser.go(`${page.address}/elsewhere/done`)).status, 400);
  await browser.go(`${page.address}/elsewhere`);
  assert.equal((await browser.go(back)).status, 400);
  assert.equal((await new WebBrowser(beside).go(`${page.address}/elsewhere`)).status, 400);
});

test("of 20 browsers that bring the same newcomer at once, one makes the user", async () => {
  other.person = { subject: "s-many", claims: { preferred_username: "many", groups: ["staff"] } };
  const all = await Promise.all(Array.from({ length: 20 }, () => signInBeside(beside)));
  assert.deepEqual([...new Set(all.map(({ seen }) => seen.status))], [200]);
  const rows = await beside.owner("select 1 from auth.users where login like 'many%'");
  assert.equal(rows.length, 1);
});

/** Signs in where the other provider stands in the place of ours. */
async function signInInstead(address = "/auth/login?return_to=/auth/", browser = new WebBrowser(instead)) {
  const begun = await browser.go(address);
  const back = await throughOtherProvider(begun.location ?? assert.fail(begun.text), OURS);
  const { seen } = await browser.follow(back);
  assert.equal(seen.status, 200, seen.text);
  await instead.settle();
  return browser;
}

/** The tokens that an application gets from the other provider by itself. */
async function tokensFor(clientId: string) {
  const auth = ClientSecretPost(SECRET);
  const peer = openidPeer({ issuer: other.issuer, clientId, auth, scope: "openid", parameters: { resource: API } });
  const { address, pending } = await peer.begin(`${OURS}/auth/callback`);
  return (await peer.finish(new URL(await throughOtherProvider(address, OURS)), pending)).tokens;
}

test("another provider stands in the place of ours by settings alone: sign-in, calls, refresh, sign-out, its tokens", async () => {
  other.person = { subject: "boss", claims: { preferred_username: "boss", groups: ["bosses"] } };
  const boss = await signInInstead();
  assert.deepEqual((await boss.call("GET", "/me")).body.roles, ["admin"]);
  other.person = { subject: "kesha", claims: { preferred_username: "kesha", groups: ["staff"] } };
  const kesha = await signInInstead();
  for (const path of ["/me", "/tasks", "/my/account"]) assert.equal((await kesha.call("GET", path)).status, 200, path);
  assert.equal((await kesha.call("GET", "/users")).status, 403);

  // Ours is not there, and what it would have signed counts for nothing.
  assert.equal((await fetch(`${instead.url}/oidc/jwks`)).status, 404);
  assert.equal((await fetch(`${instead.url}/login/x`)).status, 404);
  assert.equal((await instead.as("kesha").get("/me")).status, 401);

  const refreshed = other.asked["/token"] ?? 0;
  await instead.owner("update auth.web_session set access_expires_at = now()");
  const calls = await Promise.all(Array.from({ length: 30 }, () => kesha.call("GET", "/me")));
  assert.deepEqual([...new Set(calls.map(({ status }) => status))], [200]);
  assert.equal((other.asked["/token"] ?? 0) - refreshed, 1);

  // Its tokens open every service by themselves; its ID tokens and those for others do not.
  const tokens = await tokensFor("popug");
  const withToken = async (token: string | null, path: string) =>
    (await fetch(`${instead.url}/api${path}`, { headers: { authorization: `Bearer ${token}` } })).status;
  for (const path of ["/me", "/tasks", "/my/account"]) assert.equal(await withToken(tokens.accessToken, path), 200);
  assert.equal(await withToken(tokens.idToken, "/me"), 401);
  assert.equal(await withToken(`${tokens.accessToken.slice(0, -4)}AAAA`, "/me"), 401);
  assert.ok((other.asked["/jwks"] ?? 0) <= 12, `${other.asked["/jwks"]} requests for keys`);

  const { userId } = (await kesha.call("GET", "/me")).body;
  await boss.call("PATCH", `/users/${userId}`, { status: "inactive" });
  await instead.settle();
  assert.equal(await withToken(tokens.accessToken, "/tasks"), 401);
  assert.equal((await kesha.call("GET", "/me")).status, 401);

  const out = await boss.go("/auth/logout", { form: {}, headers: { origin: boss.origin } });
  assert.ok(out.location?.startsWith(`${other.issuer}/session/end?`), out.location ?? "");
  assert.equal((await boss.call("GET", "/me")).status, 401);
});

test("tokens of the other provider's applications do nothing that is for people alone, and end no sessions", async () => {
  other.person = { subject: "rio", claims: { preferred_username: "rio", groups: ["staff"] } };
  const rio = await signInInstead();
  const bring = async (token: string, method: string, path: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${instead.url}/api${path}`, { method, headers });
    return `${answer.status} ${((await answer.json()) as { code?: string }).code ?? ""}`;
  };
  const [session] = (await rio.call("GET", "/my/sessions")).body.items;
  const forPeople = [
    ["GET", "/my/sessions"],
    ["POST", "/my/tokens"],
    ["DELETE", `/my/sessions/${session.sessionId}`],
    ["GET", "/my/pay-details"],
  ] as const;
  const golf = await tokensFor("golf");
  assert.equal(await bring(golf.accessToken, "GET", "/me"), "200 ");
  for (const [method, path] of forPeople) {
    assert.equal(await bring(golf.accessToken, method, path), "403 scope-missing", path);
  }
  // One that was issued to us is ours wherever it comes from; but whoever shows it has not just signed in.
  const ours = await tokensFor("popug");
  assert.equal(await bring(ours.accessToken, "GET", "/my/sessions"), "200 ");
  assert.equal(await bring(ours.accessToken, "DELETE", `/my/sessions/${session.sessionId}`), "403 sign-in-again");

  other.saysClient = false;
  try {
    const nameless = await tokensFor("popug");
    assert.equal(await bring(nameless.accessToken, "GET", "/me"), "200 ");
    assert.equal(await bring(nameless.accessToken, "GET", "/my/sessions"), "403 scope-missing");
    // What our own sign-in got is ours without saying so.
    assert.equal((await (await signInInstead()).call("GET", "/my/sessions")).status, 200);
  } finally {
    other.saysClient = true;
  }
});

test("of a sign-in of which the other provider does not say when it was, none is new; asked for once more, it says so", async () => {
  other.person = { subject: "fresh", claims: { preferred_username: "fresh", groups: ["staff"] } };
  const ways = [
    async (browser?: WebBrowser, again?: string) => (await signInBeside(beside, browser, again)).browser,
    (browser?: WebBrowser, again = "") => signInInstead(`/auth/login?return_to=/auth/${again}`, browser),
  ];
  for (const signIn of ways) {
    const browser = await signIn();
    const phone = await signIn();
    const [here] = (await phone.call("GET", "/my/sessions")).body.items.filter((s: { current: boolean }) => s.current);
    const end = () => browser.call("DELETE", `/my/sessions/${here.sessionId}`);
    assert.equal((await end()).body.code, "sign-in-again");
    await signIn(browser, "&again=1");
    assert.equal((await end()).status, 200);
    assert.equal((await phone.call("GET", "/me")).status, 401);
  }
});

test("settings of another provider that cannot work are refused at the start", () => {
  for (const env of [
    { POPUG_OIDC_ISSUER: "http://idp.example", POPUG_OIDC_CLIENT_ID: "popug" },
    { POPUG_OIDC_ISSUER: "idp.example", POPUG_OIDC_CLIENT_ID: "popug" },
    { POPUG_OIDC_ISSUER: "https://idp.example" },
    { POPUG_OIDC_ISSUER: "https://idp.example", POPUG_OIDC_CLIENT_ID: "popug", POPUG_OIDC_ROLES: "staff=king" },
    { POPUG_OIDC_ISSUER: "https://idp.example", POPUG_OIDC_CLIENT_ID: "popug", POPUG_OIDC_INSTEAD: "yes" },
    { POPUG_OIDC_ISSUER: "https://idp.example", POPUG_OIDC_CLIENT_ID: "popug", POPUG_OIDC_CLIENT_SECRET_FILE: "/none" },
  ] as Record<string, string>[]) {
    assert.throws(() => readConfig({}, env), StartRefused, JSON.stringify(env));
  }
});
