/** The system's Chromium, and pages of the real app in it. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { buildWeb } from "../../src/app/build-web.ts";
import { freePort } from "../kit/free-port.ts";
import { startTestApp, type TestApp, type TestOptions } from "../kit/app.ts";

const candidates = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
/** Undefined: there is none, and what needs one is skipped with a word about it. */
export const chromiumPath = candidates.find((path) => existsSync(path));
/** For `test(title, { skip }, …)`. */
export const skip = chromiumPath === undefined ? "no Chromium is installed: apt-get install chromium" : false;

const flags =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage";

// Before any test starts the product, which reads the built app when it starts.
if (chromiumPath !== undefined) await buildWeb(() => {});

/** Starts the product under the address that people reach it by, so that a browser can really sign in. */
export async function startPublicApp(options: TestOptions = {}): Promise<TestApp> {
  const port = await freePort();
  const settings = { ...options.settings, publicUrl: `http://localhost:${port}` };
  return startTestApp({ ...options, config: { ...options.config, port }, settings });
}

/** Starts the browser. */
export async function openBrowser(more: readonly string[] = []): Promise<Browser> {
  assert(chromiumPath !== undefined);
  return chromium.launch({ executablePath: chromiumPath, headless: true, args: [...flags.split(" "), ...more] });
}

export type Look = { theme?: "light" | "dark"; language?: "en" | "ru"; width?: "desktop" | "mobile" };

const sizes = { desktop: { width: 1440, height: 960 }, mobile: { width: 390, height: 844 } };

export type Screen = {
  page: Page;
  /** Opens an address of the app and waits until it has settled: no skeleton, no request under way. */
  open: (path: string) => Promise<void>;
  /** What the console said at level error, and what was thrown. */
  errors: string[];
  /** What axe has against the page as it is. */
  violations: () => Promise<string[]>;
  close: () => Promise<void>;
};

export type Window = Omit<Screen, "open"> & { context: BrowserContext };

/** A window in which nobody is signed in. */
export async function openWindow(browser: Browser, look: Look = {}, more: BrowserContextOptions = {}): Promise<Window> {
  const { theme = "light", language = "en", width = "desktop" } = look;
  const context = await browser.newContext({
    viewport: sizes[width],
    colorScheme: theme,
    locale: language === "ru" ? "ru-RU" : "en-US",
    timezoneId: "Europe/Berlin",
    reducedMotion: "reduce",
    ...(width === "mobile" && { hasTouch: true, isMobile: true, deviceScaleFactor: 2 }),
    ...more,
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  return { context, page, errors, violations: () => violations(page), close: () => context.close() };
}

/** A window in which somebody is signed in; `null`: nobody is yet. */
export async function openScreen(
  browser: Browser,
  app: TestApp,
  login: string | null,
  look: Look = {},
): Promise<Screen> {
  const { context, page, ...window } = await openWindow(browser, look);
  // Instead of the sign-in pages, which have tests of their own. A token lasts minutes, so each request gets a new one.
  if (login !== null) {
    await context.route(`${app.url}/api/**`, async (route) => {
      const authorization = `Bearer ${await app.as(login).token()}`;
      await route.continue({ headers: { ...route.request().headers(), authorization } }).catch(() => {});
    });
  }
  return {
    ...window,
    page,
    open: async (path) => {
      await page.goto(app.url + path, { waitUntil: "load" });
      await settled(page);
    },
  };
}

/** Waits until nothing is loading, the stream is there, and the fonts are. */
export async function settled(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor();
  await page.locator("[data-now=live]").first().waitFor({ state: "attached" });
  await page.locator("main [class*=skeleton]").first().waitFor({ state: "detached" });
  await page.evaluate("document.fonts.ready.then(() => undefined)");
}

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

async function violations(page: Page): Promise<string[]> {
  // The content policy lets no script in that is not ours; what the browser itself runs is not asked.
  await page.evaluate(axe);
  type Found = { id: string; impact: string; nodes: { html: string; failureSummary: string }[] };
  const found: Found[] = await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(tags)}, resultTypes: ["violations"] }).then((r) => r.violations)`,
  );
  return found.map(
    ({ id, impact, nodes }) =>
      `${id} (${impact}) × ${nodes.length}: ${nodes[0]?.html.slice(0, 200)}\n    ${nodes[0]?.failureSummary.replaceAll("\n", " ")}`,
  );
}
