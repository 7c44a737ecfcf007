import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { endAccessOf } from "../../../src/services/auth/access-ending.ts";
import { deleteConsent } from "../../../src/services/auth/consent-store.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { until } from "../../kit/until.ts";
import { application, askForTokens, beginFlow, Browser, callbackOf, openLogin, redeem, type Seen } from "./browser.ts";
import { newcomer, PASSWORD, WebBrowser } from "./web-browser.ts";

const theirs = { ...application, own: false, client_id: "wiki", client_name: "Wiki <b>of</b> others" };
let app: TestApp;
before(async () => {
  app = await startTestApp({ people: [], settings: { relyingParties: [application, theirs] } });
});
after(() => app.stop());

const scope = "openid profile";
const asked = (change: Record<string, string> = {}) => beginFlow(app, { client_id: "wiki", scope, ...change });
const origin = () => ({ origin: app.app.config.settings.publicUrl });
const isAsked = (seen: Seen) => seen.status === 200 && seen.text.includes('class="rights"');

/** Follows redirects up to a page or to the application. */
async function follow(browser: Browser, address: string): Promise<{ at: string; seen: Seen }> {
  for (let hop = 0, at = address; hop < 10; hop++) {
    const seen = await browser.go(at);
    if (seen.location === null || seen.location.startsWith(callbackOf(app))) return { at, seen };
    at = seen.location;
  }
  assert.fail(`${address} leads in a circle`);
}

/** Somebody new, signed in, in front of what comes after. */
async function arrive(login: string, flow = asked()) {
  const userId = await newcomer(app, login, { name: "Гоша <i>Перов</i>" });
  const browser = new Browser(app);
  const page = await openLogin(browser, flow);
  const posted = await browser.go(page, { form: { login, password: PASSWORD }, headers: origin() });
  return { userId, login, browser, flow, ...(await follow(browser, posted.location ?? "")) };
}

const answer = async (browser: Browser, at: string, form: Record<string, string>) => {
  const posted = await browser.go(`${at}/consent`, { form, headers: origin() });
  return posted.location === null ? posted : (await follow(browser, posted.location)).seen;
};
const toldOf = (seen: Seen) => new URL(seen.location ?? "").searchParams;
const tokensOf = (flow: ReturnType<typeof asked>, seen: Seen) =>
  redeem(app, flow, toldOf(seen).get("code") ?? "", { client_id: "wiki" });

test("who asks, for what, as whom and from where is said in plain words of either language, nothing of it as HTML", async () => {
  const { browser, at, seen } = await arrive("words", asked({ scope: "openid profile email api" }));
  assert.ok(isAsked(seen), seen.text);
  for (const part of [
    "Wiki &lt;b&gt;of&lt;/b&gt; others asks for access",
    "<strong>Гоша &lt;i&gt;Перов&lt;/i&gt;</strong> (words)",
    "see your name, login and language",
    "see your e-mail address",
    "see and do in Popug whatever you may",
    "<strong>localhost:7070</strong>",
  ]) {
    assert.ok(seen.text.includes(part), `${part}\n${seen.text}`);
  }
  assert.match(seen.headers.get("content-security-policy") ?? "", /default-src 'none'.*frame-ancestors 'none'/);
  assert.match(seen.headers.get("cache-control") ?? "", /no-store/);
  const russian = await browser.go(at, { headers: { "accept-language": "ru" } });
  assert.match(russian.text, /просит доступ/);
  assert.match(russian.text, /видеть ваш адрес почты/);
});

test("people are asked once, also over a new sign-in; a wider scope asks again, a narrower one does not", async () => {
  const { browser, flow, at, seen, login } = await arrive("once");
  assert.ok(isAsked(seen));
  const first = await tokensOf(flow, await answer(browser, at, { answer: "allow" }));
  assert.equal(first.status, 200, JSON.stringify(first.body));

  assert.ok(toldOf((await follow(browser, asked().address)).seen).get("code"));
  assert.ok(toldOf((await follow(browser, asked({ scope: "openid" }).address)).seen).get("code"));
  const elsewhere = new Browser(app);
  const page = await openLogin(elsewhere, asked());
  const posted = await elsewhere.go(page, { form: { login, password: PASSWORD }, headers: origin() });
  assert.ok(toldOf((await follow(elsewhere, posted.location ?? "")).seen).get("code"));

  const wider = await follow(browser, asked({ scope: "openid email" }).address);
  assert.ok(isAsked(wider.seen));
  assert.match(wider.seen.text, /e-mail/);
  assert.ok(toldOf(await answer(browser, wider.at, { answer: "allow" })).get("code"));
  assert.ok(toldOf((await follow(browser, asked({ scope: "openid profile email" }).address)).seen).get("code"));
});

test("a refusal gives the application access_denied and nothing else, and is not taken for an answer to keep", async () => {
  const { browser, flow, at } = await arrive("no");
  for (const form of [{ answer: "refuse" }, { answer: "" }, {}] as Record<string, string>[]) {
    const again =
      Object.keys(form).length === 1 && form["answer"] === "refuse" ? { at } : await follow(browser, flow.address);
    const told = toldOf(await answer(browser, again.at, form));
    assert.equal(told.get("error"), "access_denied");
    assert.equal(told.get("code"), null);
  }
  assert.ok(isAsked((await follow(browser, asked().address)).seen));
});

test("applications of our own are never asked about, also when they ask to be", async () => {
  for (const [login, prompt] of [
    ["ours", {}],
    ["ours-too", { prompt: "consent" }],
  ] as const) {
    const { seen } = await arrive(login, beginFlow(app, prompt));
    assert.ok(toldOf(seen).get("code"), seen.text);
  }
});

test("an application that wants to be asked about is, every time", async () => {
  const { browser, at } = await arrive("prompt");
  await answer(browser, at, { answer: "allow" });
  assert.ok(isAsked((await follow(browser, asked({ prompt: "consent" }).address)).seen));
  const silent = toldOf((await follow(browser, asked({ prompt: "none", scope: "openid email" }).address)).seen);
  assert.equal(silent.get("error"), "consent_required");
});

test("a page of another site, another browser or another step allows nothing", async () => {
  const { browser, at, userId } = await arrive("foreign");
  const yes = { answer: "allow" };
  const evil = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
  assert.equal((await browser.go(`${at}/consent`, { form: yes, headers: evil })).status, 400);
  assert.equal((await new Browser(app).go(`${at}/consent`, { form: yes, headers: origin() })).status, 400);
  const other = new Browser(app);
  const login = await openLogin(other, asked());
  assert.equal((await other.go(`${login}/consent`, { form: yes, headers: origin() })).status, 400);
  const rows = await app.sql("auth")("select 1 from application_consent where user_id = $1", [userId]);
  assert.equal(rows.length, 0);
});

test("what was allowed is listed, and taken back ends all that the application holds; then it is asked again", async () => {
  const { browser, flow, at, login } = await arrive("back");
  const { body } = await tokensOf(flow, await answer(browser, at, { answer: "allow" }));
  const me = app.as(login);
  const [listed] = (await me.get("/my/applications")).body.items;
  assert.deepEqual([listed.clientId, listed.name, listed.rights], ["wiki", theirs.client_name, ["openid", "profile"]]);
  const userinfo = () => fetch(`${app.url}/oidc/me`, { headers: { authorization: `Bearer ${body.access_token}` } });
  assert.equal((await userinfo()).status, 200);
  const again = (token: string) =>
    askForTokens(app, { client_id: "wiki", grant_type: "refresh_token", refresh_token: token });
  const next = await again(body.refresh_token);
  assert.equal(next.status, 200);

  assert.equal((await me.delete("/my/applications/wiki")).status, 200);
  assert.equal((await userinfo()).status, 401);
  assert.deepEqual((await me.get("/my/applications")).body.items, []);
  assert.equal((await me.delete("/my/applications/wiki")).body.code, "unknown-application");
  assert.equal((await again(next.body.refresh_token)).body.error, "invalid_grant");
  assert.ok(isAsked((await follow(browser, asked().address)).seen));
  const { items } = (await app.as("admin").get("/security-audit?limit=5")).body;
  const kinds = items.map(({ kind }: { kind: string }) => kind);
  assert.ok(kinds.includes("application.allowed") && kinds.includes("application.revoked"), kinds.join());
});

test("a sign-in that meets the taking back of what was allowed leaves the application nothing", async () => {
  const { browser, at, userId } = await arrive("amid");
  assert.ok(toldOf(await answer(browser, at, { answer: "allow" })).get("code"));
  const { tools } = app.app.services.get("auth") ?? assert.fail("no auth");
  let meanwhile: Promise<Seen> | undefined;
  await tools.transact("application.revoke", `user:${userId}`, async ({ sql }) => {
    await deleteConsent(sql, userId, "wiki");
    await endAccessOf(sql, userId, "wiki");
    meanwhile = follow(browser, asked().address).then(({ seen }) => seen);
    const waits = async () => {
      const rows = await app.owner(
        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return rows.length > 0 || undefined;
    };
    await until(waits, { withinMs: 10_000, everyMs: 20, late: () => "the sign-in should have waited" });
  });
  const seen = (await meanwhile) ?? assert.fail("nobody came");
  assert.ok(isAsked(seen), seen.location ?? seen.text);
  const left = await app.sql("auth")("select 1 from oidc_artefact where user_id = $1 and kind = 'Grant'", [userId]);
  assert.equal(left.length, 0);
});

test("an application opens the API only when the person allowed it, and never what is for people alone", async () => {
  const call = async (token: string, path: string, method = "GET") => {
    const answered = await fetch(`${app.url}/api${path}`, { method, headers: { authorization: `Bearer ${token}` } });
    return `${answered.status} ${((await answered.json()) as { code?: string }).code ?? ""}`;
  };
  // Naming the API without its scope: a token for it, were it not for the scope.
  const sly = await arrive("sly", asked({ scope: "openid", resource: "urn:popug:api" }));
  assert.doesNotMatch(sly.seen.text, /do in Popug/);
  const got = await tokensOf(sly.flow, await answer(sly.browser, sly.at, { answer: "allow" }));
  if (got.body.access_token !== undefined) assert.equal(await call(got.body.access_token, "/me"), "401 bad-token");

  const open = await arrive("open", asked({ scope: "openid api" }));
  assert.match(open.seen.text, /do in Popug/);
  const { body } = await tokensOf(open.flow, await answer(open.browser, open.at, { answer: "allow" }));
  assert.equal(await call(body.access_token, "/me"), "200 ");
  assert.equal(await call(body.access_token, "/tasks"), "200 ");
  for (const [method, path] of [
    ["GET", "/my/sessions"],
    ["GET", "/my/applications"],
    ["POST", "/my/tokens"],
    ["POST", "/my/passkeys/options"],
    ["POST", "/my/password"],
  ] as const) {
    assert.equal(await call(body.access_token, path, method), "403 scope-missing", path);
  }
});

test("the update that ends all sign-ins once leaves what people allowed", async () => {
  const { browser, flow, at, login } = await arrive("updated");
  const { body } = await tokensOf(flow, await answer(browser, at, { answer: "allow" }));
  const web = new WebBrowser(app);
  await web.signIn(login);
  const text = await readFile("src/services/auth/migrations/027-sign-in-anew.sql", "utf8");
  for (const statement of text.split(/;\n/).filter((part) => part.trim() !== "")) await app.sql("auth")(statement);
  assert.equal((await web.call("GET", "/me")).status, 401);
  const refreshed = await askForTokens(app, {
    client_id: "wiki",
    grant_type: "refresh_token",
    refresh_token: body.refresh_token,
  });
  assert.equal(refreshed.body.error, "invalid_grant");
  const again = new Browser(app);
  const page = await openLogin(again, asked());
  const posted = await again.go(page, { form: { login, password: PASSWORD }, headers: origin() });
  assert.ok(toldOf((await follow(again, posted.location ?? "")).seen).get("code"), "asked about once only");
  assert.equal((await app.as(login).get("/my/applications")).body.items.length, 1);
});
