/** Opens pages of the app and holds them against what every page has to keep: see `pages.test.ts`. */
import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { type Look, openBrowser, openScreen, type Screen, skip } from "./browser.ts";
import { type Company, startCompany } from "./company.ts";
import { pages } from "./pages.ts";

/** Keys of texts that no word of a language looks like. */
const keys = new Set<string>();
for (const file of globSync(join(import.meta.dirname, "../../web/src/i18n/en/*.ts"))) {
  const texts = (await import(file)) as { default: Record<string, string> };
  for (const key of Object.keys(texts.default)) if (/[a-z][.A-Z][a-z]/.test(key)) keys.add(key);
}
const pictures = process.env["POPUG_PICTURES"];
const only = process.env["POPUG_PAGE"];

/** Both languages, on a desktop and a telephone. */
export const looksIn = (theme: "light" | "dark"): Look[] =>
  (["en", "ru"] as const).flatMap((language) =>
    (["desktop", "mobile"] as const).map((width) => ({ theme, language, width })),
  );
/** Every page in every look; otherwise each once. */
export const everyLook = process.env["POPUG_WEB"] === "all";

/** A test for each page and look, on a company of their own. */
export function openEveryPage(title: string, looks: readonly Look[]): void {
  describe(title, { skip }, () => {
    let company: Company;
    let browser: Browser;

    before(async () => {
      company = await startCompany();
      browser = await openBrowser();
      if (pictures !== undefined) await mkdir(pictures, { recursive: true });
    });
    after(async () => {
      await browser?.close();
      await company?.app.stop();
    });

    for (const look of looks) {
      for (const { name, path, as, act, says } of pages.filter(
        ({ name }) => only === undefined || only.split(",").some((one) => name.startsWith(one)),
      )) {
        const shown = [name, look.theme, look.language, look.width].join(" ");
        test(`${shown} opens without errors and is accessible`, async () => {
          const screen = await screenOf(as, look);
          screen.errors.length = 0;
          await screen.open(typeof path === "string" ? path : path(company));
          await act?.(screen.page);
          if (pictures !== undefined) {
            await screen.page.screenshot({ path: join(pictures, `${shown.replaceAll(" ", "-")}.png`) });
          }
          assert.deepEqual(
            screen.errors.filter((error) => says?.test(error) !== true),
            [],
            "the console is silent",
          );
          assert.deepEqual(await screen.violations(), [], "axe finds nothing");
          const words: string = await screen.page.evaluate("document.body.innerText");
          const raw = words.split(/\s+/).filter((word) => word.includes("{{") || keys.has(word));
          assert.deepEqual(raw, [], "no text shows its key");
        });
      }
    }

    /** One window per look and person: a new one for each page would spend most of the time on starting the app. */
    const screens = new Map<string, Promise<Screen>>();
    const screenOf = (login: string, look: Look) => {
      const key = JSON.stringify([login, look]);
      const found = screens.get(key) ?? openScreen(browser, company.app, login, look);
      screens.set(key, found);
      return found;
    };
  });
}
