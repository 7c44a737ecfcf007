import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { readConfig } from "../../src/config.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { freePort } from "../kit/free-port.ts";
import { until } from "../kit/until.ts";
import { newcomer, PASSWORD } from "../services/auth/web-browser.ts";
import { openBrowser, skip as skipBrowser } from "../web/browser.ts";
import { type Apache, apacheAsClient, skip as skipApache, startApache } from "./apache.ts";
import { toolFolder } from "./tool.ts";

const folder = toolFolder();

describe("Apache's mod_auth_openidc, an application of others", { skip: skipApache || skipBrowser }, () => {
  let app: TestApp;
  let apache: Apache;
  let browser: Browser;
  before(async () => {
    const [ours, theirs] = [await freePort(), await freePort()];
    const clients = join(folder, "clients.json");
    writeFileSync(clients, JSON.stringify([apacheAsClient(theirs)]));
    const env = { POPUG_CLIENTS_FILE: clients, POPUG_PUBLIC_URL: `http://localhost:${ours}` };
    const { publicUrl, relyingParties } = readConfig({}, env).settings;
    app = await startTestApp({
      people: [],
      config: { port: ours },
      settings: { demo: false, publicUrl, relyingParties },
    });
    apache = await startApache(folder, theirs, `${publicUrl}/oidc`);
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await apache?.stop();
    await app?.stop();
  });

  /** Somebody new, at the protected page after having signed in. */
  async function arrive(login: string): Promise<{ userId: string; page: Page }> {
    const userId = await newcomer(app, login, { name: `Popug ${login}`, email: `${login}@popug.test` });
    const page = await (await browser.newContext({ locale: "en-US" })).newPage();
    await page.goto(apache.protectedPage);
    await page.getByLabel("Login").fill(login);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("heading", { name: "apache asks for access" }).waitFor();
    await page.getByRole("button", { name: "Allow" }).click();
    await page.waitForURL(apache.protectedPage);
    return { userId, page };
  }

  /** Apache asks for a new sign-in, and our provider for the password. */
  const isOutsideApache = (page: Page, why: string) =>
    until(
      async () => {
        await page.goto(apache.protectedPage);
        return page.url().startsWith(`${app.app.config.settings.publicUrl}/login/`) || undefined;
      },
      { withinMs: 20_000, everyMs: 100, late: () => `${why}: still inside\n${apache.log()}` },
    );

  test("people get in with their Popug login, and it knows who they are", async () => {
    const { userId, page } = await arrive("kesha");
    const claims = { sub: userId, preferred_username: "kesha", name: "Popug kesha", email: "kesha@popug.test" };
    for (const [claim, value] of Object.entries(claims)) {
      assert.equal(await page.locator(`#${claim}`).innerText(), value, claim);
    }
  });

  test("somebody who is deactivated is signed out there as well", async () => {
    const { userId, page } = await arrive("gosha");
    await page.goto(apache.protectedPage);
    assert.equal(await page.locator("#sub").innerText(), userId);
    const answer = await app.as("admin").patch(`/users/${userId}`, { status: "inactive" });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    await isOutsideApache(page, "deactivated");
  });

  test("signing out of Popug signs out there as well", async () => {
    const { page } = await arrive("rosa");
    await page.goto(`${app.app.config.settings.publicUrl}/auth/login?return_to=/auth/`);
    assert.match(await page.locator("body").innerText(), /rosa/, "one sign-in is enough for both");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL((url) => url.pathname === "/");
    await isOutsideApache(page, "signed out");
  });

  test("signing out there asks, ends the session here, and leads back", async () => {
    const { page } = await arrive("paco");
    await page.goto(apache.logout);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL((url) => url.href.startsWith(apache.goodbye));
    await isOutsideApache(page, "signed out there");
  });
});
