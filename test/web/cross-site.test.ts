/** A page of another site, in a browser in which an admin is signed in: whatever it sends changes nothing, and it reads nothing. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import type { TestApp } from "../kit/app.ts";
import { newcomer, PASSWORD } from "../services/auth/web-browser.ts";
import { openBrowser, openWindow, skip, startPublicApp } from "./browser.ts";

/** Forms that a page can send by itself, with what can be made to look like JSON. */
const forms = (target: string) => `
<form method="post" action="${target}/api/tasks" enctype="text/plain"><input name='{"title":"Stolen","x":"' value='"}'></form>
<form method="post" action="${target}/api/tasks"><input name="title" value="Stolen"></form>
<form method="post" action="${target}/auth/logout"></form>`;

describe("a page of another site", { skip }, () => {
  let app: TestApp;
  let browser: Browser;
  let evil: Server;
  let evilUrl: string;
  before(async () => {
    app = await startPublicApp({ people: [], settings: { demo: false } });
    await newcomer(app, "victim", { roles: ["admin"] });
    evil = createServer((_request, response) => {
      response
        .setHeader("content-type", "text/html")
        .end(`<!doctype html><title>Win a feather</title>${forms(app.url)}`);
    }).listen(0, "127.0.0.1");
    await once(evil, "listening");
    const address = evil.address();
    assert(typeof address === "object" && address !== null);
    // By number, not by name: for a browser that is another site than localhost.
    evilUrl = `http://127.0.0.1:${address.port}/`;
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    evil?.close();
    await app?.stop();
  });

  test("changes nothing by its forms and scripts, reads no answer and frames no page", async () => {
    const { context, page, close } = await openWindow(browser);
    await page.goto(`${app.url}/auth/login?return_to=/auth/`);
    await page.locator("#login").fill("victim");
    await page.locator("#password").fill(PASSWORD);
    await page.locator("button.primary").click();
    await page.getByRole("button", { name: "Sign out" }).waitFor();

    const other = await context.newPage();
    for (let form = 0; form < 3; form++) {
      await other.goto(evilUrl);
      const [answer] = await Promise.all([
        other.waitForResponse((response) => response.request().method() === "POST"),
        other.waitForURL(`${app.url}/**`),
        other.evaluate(`document.forms[${form}].submit()`),
      ]);
      assert.ok(answer.status() >= 400 && answer.status() < 500, `form ${form}: ${answer.status()}`);
    }
    await other.goto(evilUrl);
    const sent: string[] = await other.evaluate(`(async () => {
      const send = (path, init) => fetch("${app.url}" + path, { credentials: "include", ...init })
        .then((answer) => answer.type + " " + answer.status, (error) => error.name);
      return Promise.all([
        send("/api/me"),
        send("/api/tasks", { method: "POST", body: '{"title":"Stolen"}', headers: { "content-type": "text/plain" } }),
        send("/api/tasks", { method: "POST", body: '{"title":"Stolen"}', headers: { "content-type": "application/json", "x-popug": "1" } }),
        send("/api/tasks", { method: "POST", body: '{"title":"Stolen"}', mode: "no-cors" }),
        send("/auth/logout", { method: "POST", mode: "no-cors" }),
      ]);
    })()`);
    assert.deepEqual(sent.slice(0, 3), ["TypeError", "TypeError", "TypeError"], "nothing can be read");

    for (const path of ["/", "/auth/", "/auth/login"]) {
      await other.goto(evilUrl);
      const framed: string = await other.evaluate(`new Promise((resolve) => {
        const frame = document.body.appendChild(document.createElement("iframe"));
        frame.onload = () => { try { resolve(frame.contentDocument ? "ours to read" : "closed"); } catch { resolve("closed"); } };
        frame.src = "${app.url}${path}";
      })`);
      assert.equal(framed, "closed");
      assert.equal(await other.frames()[1]?.locator("button, input").count(), 0, `${path} is shown in a frame`);
    }

    await page.reload();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    assert.deepEqual(await app.sql("tasks")("select title from task"), []);
    await close();
  });
});
