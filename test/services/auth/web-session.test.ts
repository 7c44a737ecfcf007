import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { newcomer, PASSWORD, WebBrowser } from "./web-browser.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp({ people: [] });
});
after(() => app.stop());

let count = 0;
async function signedIn() {
  const login = `web${++count}`;
  const userId = await newcomer(app, login);
  const browser = new WebBrowser(app);
  const page = await browser.signIn(login);
  assert.equal(page.status, 200, page.text);
  return { login, userId, browser, page };
}

test("the browser holds one cookie of ours and no token, and calls every service with it", async () => {
  const { login, userId, browser, page } = await signedIn();
  assert.match(page.text, new RegExp(login));
  const me = await browser.call("GET", "/me");
  assert.equal(me.status, 200, JSON.stringify(me.body));
  assert.equal(me.body.userId, userId);
  assert.equal((await browser.call("GET", "/tasks")).status, 200);
  assert.equal((await browser.call("GET", "/my/account")).status, 200);

  const ours = [...browser.cookies].filter(([name]) => !name.startsWith("__Secure-popug-"));
  assert.deepEqual(
    ours.map(([name, { path }]) => [name, path]),
    [["__Host-popug", "/"]],
  );
  for (const { text, headers } of browser.seen) {
    assert.doesNotMatch(text + JSON.stringify([...headers]), /eyJ[\w-]+\.[\w-]+\./);
  }
});

test("what the browser sends is known by its hash only, what it stands for only sealed", async () => {
  const { browser } = await signedIn();
  const [row] = await app.owner<{ row: string }>("select web_session::text as row from auth.web_session limit 1");
  const cookie = browser.cookies.get("__Host-popug")?.value ?? assert.fail();
  assert.ok(!row?.row.includes(cookie));
  assert.ok(!row?.row.includes(Buffer.from(cookie).toString("hex")));
  assert.ok(!row?.row.includes(Buffer.from("eyJ").toString("hex")));
});

test("30 calls at once that find the access token about to expire get new tokens once", async () => {
  const { browser } = await signedIn();
  for (let round = 0; round < 3; round++) {
    await app.owner("update auth.web_session set access_expires_at = now() + interval '1 second'");
    const before = await refreshTokens();
    const answers = await Promise.all(Array.from({ length: 30 }, () => browser.call("GET", "/me")));
    assert.deepEqual([...new Set(answers.map((a) => a.status))], [200]);
    assert.equal((await refreshTokens()) - before, 1);
  }
});

const refreshTokens = async () =>
  (await app.owner<{ n: number }>("select count(*) as n from auth.oidc_artefact where kind = 'RefreshToken'"))[0]?.n ??
  0;

test("a session ends after 30 minutes without use and after 8 hours with it", async () => {
  for (const passed of ["last_seen_at = now() - interval '30 minutes'", "expires_at = now()"]) {
    const { browser, userId } = await signedIn();
    await app.owner(`update auth.web_session set ${passed} where user_id = $1`, [userId]);
    assert.equal((await browser.call("GET", "/me")).status, 401);
  }
  const [{ seconds = 0 } = {}] = await app.owner<{ seconds: number }>(
    "select max(extract(epoch from expires_at - created_at))::int as seconds from auth.web_session",
  );
  assert.equal(seconds, 8 * 3_600);
});

test("when somebody was last seen stays known after their session; whoever never came has no such time", async () => {
  const { browser, userId } = await signedIn();
  const stranger = await newcomer(app, "stranger");
  const lastSeen = async (id: string) => {
    const { items } = (await app.as("admin").get("/users?limit=500")).body;
    return items.find((one: { userId: string }) => one.userId === id).lastSeenAt as string | null;
  };
  assert.equal(await lastSeen(stranger), null);
  await app.owner("update auth.web_session set last_seen_at = now() - interval '5 minutes' where user_id = $1", [
    userId,
  ]);
  await app.owner("update auth.last_seen set at = now() - interval '5 minutes' where user_id = $1", [userId]);
  assert.equal((await browser.call("GET", "/me")).status, 200);
  assert.ok(Date.now() - Date.parse((await lastSeen(userId)) ?? "") < 60_000);
  await app.owner("delete from auth.web_session where user_id = $1", [userId]);
  assert.ok((await lastSeen(userId)) !== null);
});

test("signing out ends the session here and at the provider: the next sign-in asks for the password", async () => {
  const { browser } = await signedIn();
  const stolen = browser.cookies.get("__Host-popug")?.value;
  const cross = await browser.go("/auth/logout", { form: {}, headers: { origin: "https://evil.example" } });
  assert.equal(cross.status, 403);
  assert.equal((await browser.call("GET", "/me")).status, 200);

  const out = await browser.go("/auth/logout", { form: {}, headers: { origin: browser.origin } });
  assert.equal(out.status, 303);
  assert.equal(out.location, "/");
  assert.ok(!browser.cookies.has("__Host-popug"));
  assert.equal((await browser.call("GET", "/me", undefined, { cookie: `__Host-popug=${stolen}` })).status, 401);
  assert.match((await browser.follow("/auth/login")).address, /^\/login\//);
});

test("a session at the provider signs in without a password, to the page that was wanted and to no other host", async () => {
  const { browser } = await signedIn();
  for (const [wanted, reached] of [
    ["/auth/login", "/auth/login"],
    ["//evil.example/", "/"],
    ["/\\evil.example/", "/"],
    ["https://evil.example/", "/"],
    ["/%5cevil.example", "/%5cevil.example"],
    ["/\tevil", "/"],
  ] as const) {
    browser.cookies.delete("__Host-popug");
    const begun = await browser.go(`/auth/login?return_to=${encodeURIComponent(wanted)}`);
    let seen = begun;
    while (!seen.location?.includes("/auth/callback")) seen = await browser.go(seen.location ?? assert.fail(seen.text));
    assert.equal((await browser.go(seen.location)).location, reached);
  }
});

test("the way back counts in the browser that set out, once, with its own state", async () => {
  const { browser } = await signedIn();
  const walk = async () => {
    let seen = await browser.go("/auth/login");
    while (!seen.location?.includes("/auth/callback")) seen = await browser.go(seen.location ?? assert.fail(seen.text));
    return seen.location;
  };
  const way = await walk();
  assert.equal((await new WebBrowser(app).go(way)).status, 400);
  const onWay = browser.cookies.get("__Host-popug-sign-in") ?? assert.fail();
  const changed = new URL(way);
  changed.searchParams.set("state", "another");
  assert.equal((await browser.go(changed.href)).status, 400);
  browser.cookies.set("__Host-popug-sign-in", onWay);
  assert.equal((await browser.go(way)).status, 303);
  browser.cookies.set("__Host-popug-sign-in", onWay);
  assert.equal((await browser.go(way)).status, 400);
  const other = await walk();
  browser.cookies.set("__Host-popug-sign-in", onWay);
  assert.equal((await browser.go(other)).status, 400);
});

test("I see where I am signed in and end any of it; those of others are unknown to me", async () => {
  const { login, userId, browser } = await signedIn();
  const phone = new WebBrowser(app);
  await phone.signIn(login);
  const mine = (await browser.call("GET", "/my/sessions")).body.items;
  assert.equal(mine.length, 2);
  assert.equal(mine.filter((s: { current: boolean }) => s.current).length, 1);
  const other = mine.find((s: { current: boolean }) => !s.current);

  const stranger = await signedIn();
  const refused = await stranger.browser.call("DELETE", `/my/sessions/${other.sessionId}`);
  const unknown = await stranger.browser.call("DELETE", `/my/sessions/${crypto.randomUUID()}`);
  assert.deepEqual([refused.status, refused.body.code], [404, "unknown-session"]);
  assert.deepEqual([unknown.status, unknown.body.code], [404, "unknown-session"]);
  assert.equal((await phone.call("GET", "/me")).status, 200);

  assert.equal((await browser.call("DELETE", `/my/sessions/${other.sessionId}`)).status, 200);
  assert.equal((await phone.call("GET", "/me")).status, 401);
  assert.match((await phone.follow("/auth/login")).address, /^\/login\//);
  assert.equal((await browser.call("GET", "/me")).status, 200);

  const admin = app.as("admin");
  const theirs = await admin.get(`/users/${userId}/sessions`);
  assert.deepEqual(
    theirs.body.items.map((s: { current: boolean }) => s.current),
    [false],
  );
  assert.equal((await admin.delete(`/users/${userId}/sessions/${theirs.body.items[0].sessionId}`)).status, 200);
  assert.equal((await browser.call("GET", "/me")).status, 401);
  assert.equal((await stranger.browser.call("GET", `/users/${userId}/sessions`)).status, 403);
});

test("ending another session takes a sign-in of the last minutes; a session at the provider is none", async () => {
  const { login, userId, browser } = await signedIn();
  const [first] = await app.owner<{ at: Date }>("select signed_in_at as at from auth.web_session where user_id = $1", [
    userId,
  ]);
  assert.ok(Date.now() - new Date(first?.at ?? 0).getTime() < 300_000, "a sign-in is new when it has just been");
  const phone = new WebBrowser(app);
  await phone.signIn(login);
  const sessions = async () => (await browser.call("GET", "/my/sessions")).body.items;
  const [other] = (await sessions()).filter((s: { current: boolean }) => !s.current);
  const end = (id: string) => browser.call("DELETE", `/my/sessions/${id}`);
  const age = () =>
    app.owner("update auth.web_session set signed_in_at = signed_in_at - interval '6 minutes' where user_id = $1", [
      userId,
    ]);
  await age();
  assert.deepEqual(
    [(await end(other.sessionId)).status, (await end(other.sessionId)).body.code],
    [403, "sign-in-again"],
  );

  // The provider still knows the browser; that it is let in again says nothing of who sits before it.
  await browser.follow("/auth/login?return_to=/auth/");
  const [silent] = (await sessions()).filter((s: { current: boolean }) => s.current);
  const [since] = await app.owner<{ at: Date }>(
    "select signed_in_at as at from auth.web_session where session_id = $1",
    [silent.sessionId],
  );
  assert.deepEqual(since, first, "the moment of the password");
  await age();
  assert.equal((await end(other.sessionId)).body.code, "sign-in-again");

  const asked = await browser.follow("/auth/login?again=1&return_to=/auth/");
  assert.match(asked.address, /^\/login\//);
  const posted = await browser.go(asked.address, {
    form: { login, password: PASSWORD },
    headers: { origin: browser.origin },
  });
  await browser.follow(posted.location ?? "");
  assert.equal((await end(other.sessionId)).status, 200);
  assert.equal((await phone.call("GET", "/me")).status, 401);
});

test("a deactivation ends the sessions of browsers in its own transaction", async () => {
  const { userId, browser } = await signedIn();
  await app.as("admin").patch(`/users/${userId}`, { status: "inactive" });
  assert.equal((await browser.call("GET", "/me")).status, 401);
  const left = await app.owner("select 1 from auth.web_session where user_id = $1", [userId]);
  assert.equal(left.length, 0);
  await app.as("admin").patch(`/users/${userId}`, { status: "active" });
  assert.equal((await browser.call("GET", "/me")).status, 401);
});

test("when the provider has ended the sign-in, so has the session", async () => {
  const { userId, browser } = await signedIn();
  await app.owner("delete from auth.oidc_artefact where user_id = $1", [userId]);
  await app.owner("update auth.web_session set access_expires_at = now() where user_id = $1", [userId]);
  assert.equal((await browser.call("GET", "/me")).status, 401);
  assert.equal((await app.owner("select 1 from auth.web_session where user_id = $1", [userId])).length, 0);
});

test("whoever's new tokens were lost halfway, as a process was killed, is led back in without a page of the sign-in", async () => {
  const { userId, login, browser } = await signedIn();
  await app.owner("update auth.web_session set access_expires_at = now() where user_id = $1", [userId]);
  // The provider has exchanged the refresh token; what it gave for it is nowhere.
  const used = "update auth.oidc_artefact set consumed_at = now() where kind = 'RefreshToken' and user_id = $1";
  await app.owner(used, [userId]);
  assert.equal((await browser.call("GET", "/me")).status, 401);
  const { address, seen } = await browser.follow("/auth/login?return_to=/auth/");
  assert.equal(address, "/auth/");
  assert.match(seen.text, new RegExp(login));
  assert.equal((await browser.call("GET", "/me")).status, 200);
});

test("changes come as a stream with the cookie, too", async () => {
  const { browser } = await signedIn();
  const abort = new AbortController();
  const response = await fetch(`${app.url}/api/changes`, {
    headers: { cookie: `__Host-popug=${browser.cookies.get("__Host-popug")?.value}` },
    signal: abort.signal,
  });
  assert.equal(response.status, 200);
  const first = await response.body?.getReader().read();
  assert.match(Buffer.from(first?.value ?? []).toString(), /event: ready/);
  abort.abort();
});

test("a wrong password on the way gives no session", async () => {
  const { login } = await signedIn();
  const browser = new WebBrowser(app);
  assert.equal((await browser.signIn(login, `${PASSWORD}!`)).status, 401);
  assert.ok(!browser.cookies.has("__Host-popug"));
});
