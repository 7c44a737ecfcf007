/** The gallery of the kit, which only development has: every part in every state, open popups too, in both themes. */
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { openBrowser, openScreen, type Screen, skip } from "./browser.ts";

const root = join(import.meta.dirname, "../../web");
const pictures = process.env["POPUG_PICTURES"];

describe("the gallery of the kit", { skip }, () => {
  let app: TestApp;
  let vite: ViteDevServer;
  let browser: Browser;
  let url: string;
  before(async () => {
    app = await startTestApp();
    vite = await createServer({
      root,
      configFile: join(root, "vite.config.ts"),
      logLevel: "error",
      server: { port: 0, proxy: { "/api": { target: app.url } } },
    });
    await vite.listen();
    url = vite.resolvedUrls?.local[0]?.replace(/\/$/, "") ?? "";
    browser = await openBrowser();
    if (pictures !== undefined) await mkdir(pictures, { recursive: true });
  });
  after(async () => {
    await browser?.close();
    await vite?.close();
    await app?.stop();
  });

  type Act = (screen: Screen) => Promise<void>;
  const press =
    (name: string, shown: string): Act =>
    async ({ page }) => {
      await page.getByRole("button", { name, exact: true }).click();
      await page.locator(shown).first().waitFor();
    };
  const states: Record<string, Act> = {
    "at rest": async () => {},
    "a dialog": press("Dialog", "[role=dialog]"),
    "a menu": press("Menu", "[role=menuitem]"),
    "a message": press("Toast", "[aria-live=polite] button"),
    "a tooltip": async ({ page }) => {
      await page.getByRole("button", { name: "An icon with a tooltip" }).hover();
      await page.locator("[role=tooltip]:popover-open").waitFor();
    },
  };

  for (const theme of ["light", "dark"] as const) {
    for (const [state, act] of Object.entries(states)) {
      test(`${state}, ${theme}: the console is silent and axe finds nothing`, async () => {
        const screen = await openScreen(browser, { ...app, url }, "admin", { theme });
        // It shows a skeleton for ever.
        await screen.page.goto(`${url}/kitchen`);
        await screen.page.getByRole("heading", { name: "States" }).waitFor();
        await act(screen);
        if (pictures !== undefined) {
          const name = `kitchen-${state.replaceAll(" ", "-")}-${theme}.png`;
          await screen.page.screenshot({ path: join(pictures, name), fullPage: true });
        }
        assert.deepEqual(await screen.violations(), []);
        assert.deepEqual(screen.errors, []);
        await screen.close();
      });
    }
  }
});
