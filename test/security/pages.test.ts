import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { buildWeb, WEB_DIST } from "../../src/app/build-web.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { freePort } from "../kit/free-port.ts";
import { newcomer, WebBrowser } from "../services/auth/web-browser.ts";
import { skipWithout, toolFolder } from "./tool.ts";
import { wapiti } from "./wapiti.ts";

const folder = toolFolder();

describe("pages and forms (wapiti)", { skip: skipWithout("wapiti", "--version") }, () => {
  let app: TestApp;
  let browser: WebBrowser;
  before(async () => {
    await buildWeb(() => {});
    const port = await freePort();
    const publicUrl = `http://localhost:${port}`;
    app = await startTestApp({ config: { port }, settings: { demo: false, publicUrl } });
    await newcomer(app, "boss", { roles: ["admin"] });
    browser = new WebBrowser(app);
    await browser.signIn("boss");
  });
  after(() => app?.stop());

  test("an admin's browser that is led to every page and form finds nothing at medium or above", async (t) => {
    const pages = Object.keys(JSON.parse(readFileSync(join(WEB_DIST, "paths.json"), "utf8")) as object).map((path) =>
      path.replaceAll(/\$\w+/g, app.people["worker1"] ?? ""),
    );
    const login = (await new WebBrowser(app).follow("/auth/login?return_to=/tasks")).address;
    const forms = [
      "/auth/",
      "/auth/login?return_to=/tasks",
      "/auth/callback?code=x&state=y",
      login,
      "/setup",
      "/reset",
      "/reset/link",
      "/join",
    ];
    const lists = [
      "/users?q=w",
      "/tasks?q=fix",
      "/security-audit?actor=x",
      "/entries?day=2026-01-01",
      "/mails?status=sent",
    ];
    const starts = [
      ...pages,
      ...forms,
      ...lists.map((list) => `/api${list}`),
      "/oidc/auth?client_id=popug-web&scope=openid",
    ];
    const cookies = Object.fromEntries([...browser.cookies].map(([name, { value }]) => [name, value]));
    const { found, asked, out } = await wapiti(folder, app.app.config.settings.publicUrl, starts, cookies);
    t.diagnostic(`${asked.length} addresses attacked`);
    assert.deepEqual(found, [], out.slice(-4_000));
    assert.ok(asked.length >= starts.length / 2, `only ${asked.join("\n")}`);
    const { status } = await browser.call("GET", "/me");
    assert.equal(status, 200, "the attacks were those of somebody signed in");
  });

  test("the same run finds a page that repeats what it is told", async () => {
    const open = createServer((request, response) => {
      const name = new URL(request.url ?? "/", "http://localhost").searchParams.get("name") ?? "nobody";
      response.setHeader("content-type", "text/html").end(`<p>Hello ${name}</p><a href="/?name=Kesha">Kesha</a>`);
    }).listen(0, "127.0.0.1");
    await once(open, "listening");
    const { port } = open.address() as AddressInfo;
    const { found, out } = await wapiti(folder, `http://localhost:${port}`, [], {});
    open.close();
    assert.match(found.join("\n"), /Cross Site Scripting: GET \/ name/, out.slice(-4_000));
  });
});
