/** How soon a deactivation bites, with events flowing, with events stopped, and over a restart of what consumes them. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ACCESS_TOKEN_SECONDS } from "../../src/services/auth/token.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { newcomer, WebBrowser } from "../services/auth/web-browser.ts";

const LONG = Boolean(process.env["POPUG_LONG"]);
const PEOPLE = LONG ? 200 : 10;
/** In the same process as the test, on a machine that runs others beside it. */
const GENEROUS_MS = 5_000;

let app: TestApp;
before(async () => {
  app = await startTestApp({ people: PEOPLE });
});
after(() => app.stop());

test("with events flowing a deactivation is refused by every service within a fraction of a second", async () => {
  const paths = ["/me", "/tasks", "/my/account"];
  const tookMs: number[] = [];
  for (let i = 1; i <= PEOPLE; i++) {
    const login = `worker${i}`;
    const authorization = `Bearer ${await app.as(login).token()}`;
    const ask = async (path: string) => (await fetch(`${app.url}/api${path}`, { headers: { authorization } })).status;
    for (const path of paths) assert.equal(await ask(path), 200);
    const answer = await app.as("admin").patch(`/users/${app.people[login]}`, { status: "inactive" });
    assert.equal(answer.status, 200);
    const began = performance.now();
    assert.equal(await ask("/me"), 401);
    for (const path of paths) {
      while ((await ask(path)) !== 401) assert.ok(performance.now() - began < GENEROUS_MS, `${path} still open`);
    }
    tookMs.push(performance.now() - began);
  }
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(1);
  console.log(
    `# deactivation to refusal in ${paths.length} services, ${PEOPLE} people: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
  );
});

test("with events stopped nobody gets a new token, and the last one is over after five minutes", async () => {
  const stopped = await startTestApp({ people: [], loops: false });
  try {
    const userId = await newcomer(stopped, "kesha");
    const browser = new WebBrowser(stopped);
    await browser.signIn("kesha");
    await stopped.as("admin").patch(`/users/${userId}`, { status: "inactive" });
    // Nothing has told tasks. Auth knows at once, and with the session the token is gone from every service.
    assert.equal((await browser.call("GET", "/me")).status, 401);
    assert.equal((await browser.call("GET", "/tasks")).status, 401);
    assert.match((await browser.follow("/auth/login")).address, /^\/login\//);
    assert.ok(ACCESS_TOKEN_SECONDS <= 300);
    await stopped.settle();
    const [row] = await stopped.sql("tasks")<{ active: boolean }>("select active from person where login = 'kesha'");
    assert.equal(row?.active, false);
  } finally {
    await stopped.stop();
  }
});

test("an old event that comes again resurrects nobody", async () => {
  const userId = await newcomer(app, "phoenix");
  await app.as("admin").patch(`/users/${userId}`, { status: "inactive" });
  await app.settle();
  // As after a restore of the consumer's side: its cursors are set back, it meets everything once more.
  await app.owner("update tasks.cursor set position = 0, starts = 0 where source = 'auth'");
  await app.settle();
  const [row] = await app.sql("tasks")<{ active: boolean }>("select active from person where login = 'phoenix'");
  assert.equal(row?.active, false);
});

test("of 20 who end and use a session at the same instant, nobody who comes after the end gets in", async () => {
  for (let round = 0; round < (LONG ? 50 : 3); round++) {
    await newcomer(app, `racer${round}`);
    const browser = new WebBrowser(app);
    await browser.signIn(`racer${round}`);
    await app.owner("update auth.web_session set access_expires_at = now()");
    const { body } = await browser.call("GET", "/my/sessions");
    const sessionId = body.items[0].sessionId;
    await app.owner("update auth.web_session set access_expires_at = now()");
    await Promise.all([
      browser.call("DELETE", `/my/sessions/${sessionId}`),
      ...Array.from({ length: 19 }, () => browser.call("GET", "/me")),
    ]);
    assert.equal((await browser.call("GET", "/me")).status, 401);
    const left = await app.owner("select 1 from auth.web_session where session_id = $1", [sessionId]);
    assert.equal(left.length, 0);
  }
});
