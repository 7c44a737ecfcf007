import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { application, beginFlow, Browser, openLogin } from "./browser.ts";

const password = "correct horse battery staple";
let app: TestApp;
before(async () => {
  app = await startTestApp({ people: [], settings: { relyingParties: [application] } });
});
after(() => app.stop());

let count = 0;
async function newcomer(more: Record<string, unknown> = {}): Promise<{ login: string; userId: string }> {
  const login = `popug${++count}`;
  const answer = await app.as("admin").post("/users", { login, name: "Kesha", password, ...more });
  assert.equal(answer.status, 201);
  return { login, userId: answer.body.userId };
}

async function tryOnce(form: { login: string; password: string }, headers: Record<string, string> = {}) {
  const browser = new Browser(app);
  const page = await openLogin(browser, beginFlow(app));
  return browser.go(page, { form, headers });
}

/** Moves the ends of all waits: into the past is what a person does by waiting, into the future what a slow test needs. */
const waitUntil = (seconds: number) =>
  app.owner(
    "update auth.sign_in_attempt set blocked_until = now() + $1 * interval '1 second' where blocked_until is not null",
    [seconds],
  );

/** How long whoever failed last has to wait, in whole seconds. */
async function lastWait(): Promise<number | null> {
  const [row] = await app.owner<{ seconds: number | null }>(
    `select round(extract(epoch from blocked_until - last_at))::int as seconds
       from auth.sign_in_attempt order by last_at desc limit 1`,
  );
  return row?.seconds ?? null;
}

test("the page speaks the browser's language, needs no script and lets nothing foreign in", async () => {
  const browser = new Browser(app);
  const page = await openLogin(browser, beginFlow(app, { login_hint: '"><script>alert(1)</script>' }));
  const english = await browser.go(page, { headers: { "accept-language": "de, en;q=0.8, ru;q=0.5" } });
  assert.match(english.text, /<html lang="en">[\s\S]*Sign in/);
  const russian = await browser.go(page, { headers: { "accept-language": "ru-RU,ru;q=0.9,en;q=0.8" } });
  assert.match(russian.text, /<html lang="ru">[\s\S]*Войти/);
  for (const { text, headers } of [english, russian]) {
    const foreign = text.replaceAll(/<script src="\/login\/[a-z]+.js"( defer)?><\/script>/g, "");
    assert.doesNotMatch(foreign, /<script|<style|style=|onclick|https?:\/\//);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("referrer-policy"), "same-origin");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
  }
  const style = await browser.go("/login/style.css");
  assert.equal(style.status, 200);
  assert.match(style.headers.get("content-type") ?? "", /^text\/css/);
});

test("choosing a language leads back to the page one was on, never to another site, and knows two languages", async () => {
  const { publicUrl } = app.app.config.settings;
  for (const [referer, location] of [
    [`${publicUrl}/reset`, "/reset"],
    [`${publicUrl}/login/abc`, "/login/abc"],
    // Answers to a form stand where nothing can be opened.
    [`${publicUrl}/login/abc/as`, "/login/abc"],
    [`${publicUrl}/join/password`, "/join"],
    [`${publicUrl}/reset/link/new`, "/reset/link"],
    [`${publicUrl}//evil.example/`, "/"],
    [`${publicUrl}.evil.example/`, "/auth/login"],
    ["https://evil.example/", "/auth/login"],
    [undefined, "/auth/login"],
  ] as const) {
    const seen = await new Browser(app).go("/login/language/ru", { ...(referer && { headers: { referer } }) });
    assert.deepEqual([seen.status, seen.location], [303, location], referer);
  }
  const browser = new Browser(app);
  await browser.go("/login/language/ru");
  await browser.go("/login/language/__proto__");
  assert.match((await browser.go("/reset")).text, /<html lang="ru">/);
});

test("an unknown login, a wrong password, somebody without a password and somebody deactivated get the same answer", async () => {
  const known = await newcomer();
  const without = await newcomer({ password: undefined });
  const left = await newcomer();
  await app.as("admin").patch(`/users/${left.userId}`, { status: "inactive" });
  const answers = [
    await tryOnce({ login: known.login, password: "a wrong password" }),
    await tryOnce({ login: "nobody-at-all", password }),
    await tryOnce({ login: without.login, password }),
    await tryOnce({ login: left.login, password }),
    await tryOnce({ login: "", password: "" }),
    await tryOnce({ login: "'; drop table users; --", password: "x".repeat(4_000) }),
  ];
  const plain = answers.map(({ status, text }) => [
    status,
    text
      .replace(/value="[^"]*"/g, "")
      .replace(/action="[^"]*"/g, "")
      .replace(/data-options="[^"]*"/g, "")
      .replaceAll(" autofocus", ""),
  ]);
  for (const answer of plain) assert.deepEqual(answer, plain[0]);
  assert.equal(plain[0]?.[0], 401);
});

test("the login counts in any case, and with blanks around it", async () => {
  const { login } = await newcomer();
  assert.equal((await tryOnce({ login: ` ${login.toUpperCase()} `, password })).status, 303);
  assert.equal((await tryOnce({ login, password: password.toUpperCase() })).status, 401);
});

test("from the fifth attempt on each one makes the next wait longer, for known and unknown logins alike; a success begins anew", async () => {
  const known = await newcomer();
  for (const login of [known.login, "nobody-here"]) {
    const waits: (number | null)[] = [];
    for (let i = 0; i < 8; i++) {
      assert.equal((await tryOnce({ login, password: "a wrong password" })).status, 401);
      waits.push(await lastWait());
      await waitUntil(40);
      if (i < 4) continue;
      const refused = await tryOnce({ login, password });
      assert.equal(refused.status, 429);
      assert.match(refused.text, /Try again in \d+ s/);
      assert.ok(Number(refused.headers.get("retry-after")) > 0);
      await waitUntil(0);
    }
    assert.deepEqual(waits, [null, null, null, null, 1, 2, 4, 8], login);
  }
  assert.equal((await tryOnce({ login: known.login, password })).status, 303);
  assert.equal((await tryOnce({ login: known.login, password: "a wrong password" })).status, 401);
  assert.equal(await lastWait(), null);
});

test("guesses made at the same instant count like any others", async () => {
  const { login } = await newcomer();
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, i) => tryOnce({ login, password: `guess number ${i}` })),
  );
  // Five are free; where all of this takes some seconds, so is the end of a wait or two.
  const checked = answers.filter((a) => a.status === 401).length;
  assert.ok(checked >= 5 && checked <= 7, `${checked} passwords were looked at`);
  assert.equal(answers.filter((a) => a.status === 429).length, 30 - checked);
});

test("a flood of sign-ins is answered with not now, and the system stays up", async () => {
  const answers = await Promise.all(
    Array.from({ length: 80 }, (_, i) => tryOnce({ login: `flood-${i}`, password: "a wrong password" })),
  );
  const statuses = answers.map((a) => a.status);
  assert.ok(statuses.every((status) => status === 401 || status === 503));
  for (const busy of answers.filter((a) => a.status === 503)) assert.ok(Number(busy.headers.get("retry-after")) > 0);
  const { login } = await newcomer();
  assert.equal((await tryOnce({ login, password })).status, 303);
});

test("a form of another site, another browser or another sign-in does not sign anybody in", async () => {
  const { login } = await newcomer();
  const form = { login, password };
  for (const headers of [
    { origin: "https://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "none" },
  ] as Record<string, string>[]) {
    assert.equal((await tryOnce(form, headers)).status, 400, JSON.stringify(headers));
  }
  assert.equal((await tryOnce(form, { "sec-fetch-site": "same-origin", origin: "null" })).status, 303);

  const mine = new Browser(app);
  const page = await openLogin(mine, beginFlow(app));
  assert.equal((await new Browser(app).go(page, { form })).status, 400);
  const other = new Browser(app);
  const otherPage = await openLogin(other, beginFlow(app));
  const cookie = [...other.cookies].map(([name, { value }]) => `${name}=${value}`).join("; ");
  assert.notEqual(page, otherPage);
  assert.equal((await new Browser(app).go(page, { form, headers: { cookie } })).status, 400);
});

test("a page that has expired or never was says so in plain words", async () => {
  const seen = await new Browser(app).go("/login/made-up");
  assert.equal(seen.status, 400);
  assert.match(seen.text, /expired/);
  const tooLarge = await fetch(`${app.url}/login/made-up`, {
    method: "POST",
    body: new URLSearchParams({ login: "x".repeat(100_000) }),
  });
  assert.equal(tooLarge.status, 413);
});
