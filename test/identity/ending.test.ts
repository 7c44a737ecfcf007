/** How soon a deactivation bites, with events flowing, with events stopped, and over a restart of what consumes them. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decodeJwt } from "jose";
import { pino } from "pino";
import { startApp } from "../../src/app/start.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { campaign } from "../kit/random.ts";
import { newcomer, WebBrowser } from "../services/auth/web-browser.ts";

const { runs: PEOPLE } = campaign(10, 200);
/** In the same process as the test, on a machine that runs others beside it. */
const GENEROUS_MS = 5_000;
/** A way into each service. */
const paths = ["/me", "/tasks", "/my/account"];

let app: TestApp;
before(async () => {
  app = await startTestApp({ people: PEOPLE });
});
after(() => app.stop());

test("with events flowing a deactivation is refused by every service within a fraction of a second", async () => {
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

/** Those of the paths that let this token in. */
async function openTo(url: string, token: string): Promise<string[]> {
  const answers = await Promise.all(
    paths.map((path) => fetch(`${url}/api${path}`, { headers: { authorization: `Bearer ${token}` } })),
  );
  await Promise.all(answers.map((answer) => answer.arrayBuffer()));
  return paths.filter((_path, at) => answers[at]?.status === 200);
}

test("with events stopped nobody gets a new token, the last one is over within 305 s, and a restart resurrects nobody", async () => {
  const first = await startTestApp({ people: PEOPLE, loops: false });
  const { config, homes } = first.app;
  const restart = (loops: boolean) =>
    startApp(config, {
      log: pino({ level: "silent" }),
      onLost: (reason) => assert.fail(reason),
      database: {
        adminOf: (service) => homes.of(service).installation.admin,
        notes: [],
        pid: () => null,
        stop: async () => {},
      },
      loops,
    });
  try {
    await newcomer(first, "kesha");
    const browser = new WebBrowser(first);
    await browser.signIn("kesha");
    const tokens: string[] = [];
    const left: number[] = [];
    for (let i = 1; i <= PEOPLE; i++) {
      const login = `worker${i}`;
      const token = await first.as(login).token();
      assert.deepEqual(await openTo(first.url, token), paths);
      const answer = await first.as("admin").patch(`/users/${first.people[login]}`, { status: "inactive" });
      assert.equal(answer.status, 200);
      // Auth knows at once. Nothing has told the others: what bounds them is the life of the token.
      assert.deepEqual(await openTo(first.url, token), ["/tasks", "/my/account"]);
      left.push((decodeJwt(token).exp ?? Number.POSITIVE_INFINITY) - Date.now() / 1_000);
      tokens.push(token);
    }
    console.log(`# events stopped, ${PEOPLE} people: the last token is over after ${Math.max(...left).toFixed(0)} s`);
    assert.ok(left.every((seconds) => seconds <= 305));
    // In a browser there is not even that: the session is gone, and with it the token that stood for it.
    await first.as("admin").patch(`/users/${(await browser.call("GET", "/me")).body.userId}`, { status: "inactive" });
    assert.equal((await browser.call("GET", "/tasks")).status, 401);
    assert.match((await browser.follow("/auth/login")).address, /^\/login\//);

    // Everything ends and begins again before one event has arrived, then with the events, then once more.
    await first.app.stop();
    const notYet = await restart(false);
    for (const token of tokens) assert.ok(!(await openTo(notYet.url, token)).includes("/me"));
    await notYet.settle();
    for (const token of tokens) assert.deepEqual(await openTo(notYet.url, token), []);
    await notYet.stop();
    const again = await restart(true);
    try {
      for (const token of tokens) assert.deepEqual(await openTo(again.url, token), []);
    } finally {
      await again.stop();
    }
  } finally {
    await first.stop();
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
  for (let round = 0; round < campaign(3, 50).runs; round++) {
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
