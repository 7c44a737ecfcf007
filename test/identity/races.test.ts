/** Whatever is good once: of twenty who come with it at the same instant, at most one wins. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { campaign } from "../kit/random.ts";
import { application, beginFlow, Browser, redeem, refresh, signInAs } from "../services/auth/browser.ts";
import { newcomer, PASSWORD } from "../services/auth/web-browser.ts";

const { runs: ROUNDS } = campaign(2, 50);
const AT_ONCE = 20;

let app: TestApp;
before(async () => {
  app = await startTestApp({ people: [], settings: { relyingParties: [application] } });
  await newcomer(app, "racer");
});
after(() => app.stop());

const twenty = <T>(run: (i: number) => Promise<T>) => Promise.all(Array.from({ length: AT_ONCE }, (_, i) => run(i)));

/** A session at the provider; each round asks it for another code. */
async function signedIn() {
  const browser = new Browser(app);
  await signInAs(app, browser, beginFlow(app), "racer", PASSWORD);
  return async () => {
    const flow = beginFlow(app);
    const code = new URL((await browser.go(flow.address)).location ?? "").searchParams.get("code");
    return { flow, code: code ?? assert.fail("no code") };
  };
}

test(`of ${AT_ONCE} who redeem one code at most one wins, and nobody keeps what was won (${ROUNDS} rounds)`, async () => {
  const nextCode = await signedIn();
  for (let round = 0; round < ROUNDS; round++) {
    const { flow, code } = await nextCode();
    const answers = await twenty(() => redeem(app, flow, code));
    const won = answers.filter((a) => a.status === 200);
    assert.ok(won.length <= 1, `round ${round}: ${won.length} won`);
    assert.ok(
      answers.every((a) => a.status === 200 || a.body.error === "invalid_grant"),
      JSON.stringify(answers),
    );
    for (const winner of won) assert.equal((await refresh(app, winner.body.refresh_token)).body.error, "invalid_grant");
  }
});

test(`of ${AT_ONCE} who use one refresh token at most one wins, and the grant is over (${ROUNDS} rounds)`, async () => {
  const nextCode = await signedIn();
  for (let round = 0; round < ROUNDS; round++) {
    const { flow, code } = await nextCode();
    const { body } = await redeem(app, flow, code);
    const answers = await twenty(() => refresh(app, body.refresh_token));
    const won = answers.filter((a) => a.status === 200);
    assert.ok(won.length <= 1, `round ${round}: ${won.length} won`);
    for (const winner of won) assert.equal((await refresh(app, winner.body.refresh_token)).body.error, "invalid_grant");
  }
});

/** The answers of twenty who send the form of one link, each with a password of their own. */
async function submitted(link: string): Promise<number> {
  const { pathname, hash } = new URL(link);
  const statuses = await twenty(async (i) => {
    const password = `${PASSWORD} number ${i}`;
    const response = await fetch(`${app.url}${pathname}/password`, {
      method: "POST",
      headers: { "sec-fetch-site": "same-origin" },
      body: new URLSearchParams({ token: hash.slice(1), password, repeat: password }),
    });
    return response.status;
  });
  // Used by somebody else, or turned away because so many passwords are being hashed.
  assert.ok(
    statuses.every((status) => [200, 404, 503].includes(status)),
    String(statuses),
  );
  return statuses.filter((status) => status === 200).length;
}

test(`of ${AT_ONCE} who accept one invitation one gets in (${ROUNDS} rounds)`, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const login = `invited${round}`;
    const { body } = await app.as("admin").post("/invitations", { login, name: "Guest" });
    assert.equal(await submitted(body.link), 1, `round ${round}`);
    assert.equal((await app.owner("select 1 from auth.users where login = $1", [login])).length, 1);
  }
});

test(`of ${AT_ONCE} who use one password link one gets through (${ROUNDS} rounds)`, async () => {
  const userId = await newcomer(app, "forgetful");
  for (let round = 0; round < ROUNDS; round++) {
    const { body } = await app.as("admin").post(`/users/${userId}/password-link`);
    assert.equal(await submitted(body.link), 1, `round ${round}`);
  }
});
