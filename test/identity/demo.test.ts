import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "../../src/config.ts";
import { StartRefused } from "../../src/platform/start-refused.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { WebBrowser } from "../services/auth/web-browser.ts";

async function choose(app: TestApp, login: string, headers: Record<string, string> = {}) {
  const browser = new WebBrowser(app);
  const page = await browser.follow("/auth/login?return_to=/auth/");
  const chosen = await browser.go(`${page.address}/as`, {
    form: { as: login },
    headers: { origin: browser.origin, ...headers },
  });
  return { browser, page: page.seen, chosen };
}

test("in a demo anybody is signed in by one click, every page says what it is, and no other site can click", async () => {
  const app = await startTestApp();
  try {
    const { browser, page, chosen } = await choose(app, "accountant");
    for (const login of ["admin", "manager", "accountant", "worker1"]) {
      assert.match(page.text, new RegExp(`name="as" value="${login}"`));
    }
    const { seen } = await browser.follow(chosen.location ?? assert.fail(chosen.text));
    assert.equal((await browser.call("GET", "/me")).body.login, "accountant");
    for (const address of ["/auth/", "/reset", "/login/x", "/auth/callback"]) {
      assert.match((await browser.go(address)).text, /class="demo"/, address);
    }
    assert.match(seen.text, /class="demo"/);
    assert.equal((await choose(app, "nobody")).chosen.status, 401);
    assert.equal((await choose(app, "admin", { origin: "https://evil.example" })).chosen.status, 400);
    assert.equal((await choose(app, "admin", { "sec-fetch-site": "cross-site" })).chosen.status, 400);
    await app.as("admin").patch(`/users/${app.people["worker1"]}`, { status: "inactive" });
    assert.equal((await choose(app, "worker1")).chosen.status, 401);
  } finally {
    await app.stop();
  }
});

test("outside a demo nobody is signed in by a click, and nobody is listed", async () => {
  const app = await startTestApp({ settings: { demo: false } });
  try {
    const { page, chosen } = await choose(app, "admin");
    assert.equal(chosen.status, 404);
    assert.doesNotMatch(page.text, /name="as"|worker1|class="demo"/);
  } finally {
    await app.stop();
  }
});

test("a demo listens on this machine only", () => {
  for (const host of ["0.0.0.0", "::", "192.168.1.5", "popug.example"]) {
    assert.throws(() => readConfig({ demo: true }, { POPUG_HOST: host }), StartRefused, host);
  }
  assert.equal(readConfig({ demo: true }, { POPUG_HOST: "::1" }).host, "::1");
});
