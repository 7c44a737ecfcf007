/**
 * One session of somebody who may do everything, recorded from the sign-in over every page to the sign-out: no token and
 * no secret is ever in an answer, a cookie, the storage or the document. A browser that has none cannot lose one.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { roles } from "../../src/people/policy.ts";
import { createSealing } from "../../src/services/auth/sealing.ts";
import { loadSecrets } from "../../src/services/auth/secrets.ts";
import type { TestApp } from "../kit/app.ts";
import { newcomer, PASSWORD } from "../services/auth/web-browser.ts";
import { openBrowser, openWindow, settled, skip, startPublicApp } from "./browser.ts";
import { startCompany } from "./company.ts";
import { pages } from "./pages.ts";

/** What looks like a signed or sealed token, whosever it is. */
const TOKEN = /eyJ[\w-]{8,}\.[\w-]{8,}|popug_pat_|"(access|refresh|id)_?token"/i;

describe("a recorded session", { skip }, () => {
  let app: TestApp;
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });

  /** The tokens that stand for the sessions, as only the server can open them. */
  async function tokensOf(): Promise<string[]> {
    const sealing = createSealing(await loadSecrets(join(app.dataDir, "secrets")));
    const rows = await app.owner<{ hash: Buffer; sealed: Buffer }>(
      "select cookie_hash as hash, sealed from auth.web_session",
    );
    return rows.flatMap(({ hash, sealed }) =>
      Object.values(sealing.open(sealed, hash) as Record<string, unknown>).filter((one) => typeof one === "string"),
    );
  }

  test("holds no token in any answer, cookie, storage or document", async () => {
    const company = await startCompany(() => startPublicApp());
    app = company.app;
    await newcomer(app, "everything", { roles });
    const { context, page, close } = await openWindow(browser);
    const recorded: { where: string; what: string }[] = [];
    const reading: Promise<unknown>[] = [];
    const addresses = new Set<string>();
    page.on("response", (response) => {
      const address = new URL(response.url());
      addresses.add(address.pathname);
      const read = async () => {
        const { "set-cookie": _, ...headers } = await response.allHeaders();
        // Streams do not end, and what a browser keeps by itself has no body to read.
        const body = address.pathname === "/api/changes" ? "" : await response.text().catch(() => "");
        recorded.push({ where: `answer of ${address.pathname}`, what: JSON.stringify(headers) + body });
      };
      reading.push(read().catch(() => {}));
    });
    const look = async (where: string) => {
      recorded.push({ where: `document of ${where}`, what: await page.content() });
      recorded.push({ where: `storage at ${where}`, what: await page.evaluate(STORAGE) });
      recorded.push({ where: `cookies for scripts at ${where}`, what: await page.evaluate("document.cookie") });
    };

    await page.goto(`${app.url}/auth/login?return_to=/my-tasks`);
    await look("the sign-in");
    await page.locator("summary").click();
    await page.locator("#login").fill("everything");
    await page.locator("#password").fill(PASSWORD);
    await page.locator("button.primary").click();
    await page.waitForURL(`${app.url}/my-tasks`);
    const tokens = await tokensOf();
    const cookies = await context.cookies();
    assert.ok(tokens.length >= 3, "access, refresh and ID token");
    assert.ok(cookies.length > 0 && cookies.every(({ httpOnly, secure }) => httpOnly && secure));
    recorded.push({ where: "cookies", what: cookies.map(({ value }) => value).join(" ") });

    for (const { name, path } of pages) {
      await page.goto(app.url + (typeof path === "string" ? path : path(company)), { waitUntil: "load" });
      await settled(page);
      // This one is a demo, and says so wherever one is.
      await page.locator("[role=note]").waitFor();
      await look(name);
    }
    await Promise.all(reading);
    const session = cookies.find(({ name }) => name === "__Host-popug")?.value ?? assert.fail();
    for (const { where, what } of recorded) {
      assert.doesNotMatch(what, TOKEN, where);
      for (const token of tokens) assert.ok(!what.includes(token), `${where} holds a token`);
      if (where !== "cookies") assert.ok(!what.includes(session), `${where} holds the session`);
    }
    assert.ok(addresses.size > 60, `${addresses.size} addresses`);
    console.log(`# ${pages.length} pages, ${addresses.size} addresses, ${recorded.length} records`);
    // The same eyes find one where there is one.
    assert.match(tokens.join(" "), TOKEN);

    await signOut(page);
    assert.deepEqual(await tokensOf(), []);
    assert.equal(
      (await context.cookies()).find(({ name }) => name === "__Host-popug"),
      undefined,
    );
    // How far somebody had scrolled, and how they like to see it: nothing of what they saw.
    const comforts = ["popug.theme", "popug.language", "popug.density", "tsr-scroll-restoration-v1_3"];
    const kept = Object.keys(JSON.parse(await page.evaluate(STORAGE)) as Record<string, string>);
    assert.deepEqual(
      kept.filter((key) => !comforts.includes(key)),
      [],
    );
    await close();
  });
});

/** Everything that a page can keep. */
const STORAGE = `(async () => JSON.stringify({
  ...localStorage, ...sessionStorage,
  ...Object.fromEntries((await indexedDB.databases()).map(({ name }) => [name, "a database"])),
  ...Object.fromEntries((await caches.keys()).map((name) => [name, "a cache"])),
}))()`;

async function signOut(page: Page): Promise<void> {
  await page.keyboard.press("Control+KeyK");
  await page.getByRole("option", { name: "Sign out" }).click();
  await page.locator("#login").waitFor({ state: "attached" });
}
