/**
 * The pages that are made on the server, in a real browser: in the look of the app, accessible, in both languages, and of
 * use without JavaScript. `POPUG_WEB=all` and `POPUG_PICTURES` as for the pages of the app.
 */
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { firstRun } from "../../src/app/first-run.ts";
import type { TestApp } from "../kit/app.ts";
import { application, beginFlow } from "../services/auth/browser.ts";
import { newcomer, PASSWORD } from "../services/auth/web-browser.ts";
import { type Look, openBrowser, openWindow, skip, startPublicApp } from "./browser.ts";

const every: Look[] = (["light", "dark"] as const).flatMap((theme) =>
  (["en", "ru"] as const).flatMap((language) =>
    (["desktop", "mobile"] as const).map((width) => ({ theme, language, width })),
  ),
);
const two: Look[] = [
  { theme: "light", language: "en", width: "desktop" },
  { theme: "dark", language: "ru", width: "mobile" },
];
/** All of them; or each page in one of two that have nothing in common. */
const looksOf = (at: number) => (process.env["POPUG_WEB"] === "all" ? every : two.slice(at % 2, (at % 2) + 1));
const pictures = process.env["POPUG_PICTURES"];

const wiki = { ...application, own: false, client_name: "Wiki" };

/** What an application asks for that we do not know. */
const UNKNOWN_APPLICATION = "/oidc/auth?client_id=nobody&response_type=code&scope=openid";

describe("the pages of the sign-in", { skip }, () => {
  let app: TestApp;
  let fresh: TestApp;
  let demo: TestApp;
  let browser: Browser;
  before(async () => {
    app = await startPublicApp({ people: [], settings: { demo: false, relyingParties: [wiki] } });
    await newcomer(app, "gosha");
    fresh = await startPublicApp({ people: [], settings: { demo: false } });
    await fresh.owner("truncate auth.users cascade");
    demo = await startPublicApp();
    browser = await openBrowser();
    if (pictures !== undefined) await mkdir(pictures, { recursive: true });
  });
  after(async () => {
    await browser?.close();
    for (const one of [app, fresh, demo]) await one?.stop();
  });

  const submit = (page: Page) => page.locator("button.primary").click();
  const signIn = async (page: Page) => {
    await page.locator("#login").fill("gosha");
    await page.locator("#password").fill(PASSWORD);
    await submit(page);
  };
  const invitation = async () => {
    const login = `guest${Math.round(performance.now())}`;
    const made = await app.as("admin").post("/invitations", { login, name: "Гоша Перов" });
    const { pathname, hash } = new URL(made.body.link);
    return pathname + hash;
  };
  const newPassword = async (page: Page, repeat: string) => {
    await page.locator("#password").fill(PASSWORD);
    await page.locator("#repeat").fill(repeat);
    await submit(page);
  };

  type PageCase = {
    name: string;
    of: () => TestApp;
    path: string | (() => Promise<string>);
    act?: (page: Page) => Promise<void>;
  };
  const cases: PageCase[] = [
    { name: "sign-in", of: () => app, path: "/auth/login" },
    {
      name: "sign-in-refused",
      of: () => app,
      path: "/auth/login",
      act: async (page) => {
        await page.locator("#login").fill("nobody");
        await page.locator("#password").fill("wrong");
        await submit(page);
        await page.getByRole("alert").waitFor();
      },
    },
    { name: "sign-in-demo", of: () => demo, path: "/auth/login", act: (page) => page.locator("summary").click() },
    { name: "home", of: () => app, path: "/auth/" },
    { name: "forgot", of: () => app, path: "/reset" },
    {
      name: "link-sent",
      of: () => app,
      path: "/reset",
      act: async (page) => {
        await page.locator("#asked").fill("gosha");
        await submit(page);
      },
    },
    { name: "link-by-hand", of: () => app, path: "/join" },
    {
      name: "link-gone",
      of: () => app,
      path: "/join#used",
      act: (page) => page.locator("#token").waitFor({ state: "detached" }),
    },
    { name: "join", of: () => app, path: invitation, act: (page) => page.locator("#password").waitFor() },
    { name: "join-differ", of: () => app, path: invitation, act: (page) => newPassword(page, "another") },
    { name: "join-done", of: () => app, path: invitation, act: (page) => newPassword(page, PASSWORD) },
    { name: "sign-in-nobody", of: () => fresh, path: "/auth/login", act: (page) => page.getByRole("alert").waitFor() },
    {
      name: "set-up",
      of: () => fresh,
      path: async () => `/setup${new URL((await firstRun(fresh.app)).at(-1) ?? "").hash}`,
      act: (page) => page.locator("#token").waitFor({ state: "hidden" }),
    },
    { name: "set-up-gone", of: () => app, path: "/setup" },
    { name: "not-signed-in", of: () => app, path: "/auth/callback" },
    { name: "expired", of: () => app, path: "/login/x" },
    { name: "not-understood", of: () => app, path: UNKNOWN_APPLICATION },
    {
      name: "consent",
      of: () => app,
      path: async () => beginFlow(app).address,
      act: async (page) => {
        await signIn(page);
        await page.getByRole("heading", { name: "Wiki" }).waitFor();
      },
    },
    {
      name: "sign-out",
      of: () => app,
      path: "/auth/login?return_to=/auth/",
      act: async (page) => {
        await signIn(page);
        await page.goto(`${app.url}/oidc/session/end`);
        await page.locator("button.primary[value=yes]").waitFor();
      },
    },
    { name: "signed-out", of: () => app, path: "/oidc/session/end" },
  ];

  for (const [at, { name, of, path, act }] of cases.entries()) {
    for (const look of looksOf(at)) {
      const shown = [name, look.theme, look.language, look.width].join(" ");
      test(`${shown}: looks like the app, fits, and axe finds nothing`, async () => {
        const { page, errors, violations, close } = await openWindow(browser, look);
        try {
          await page.goto(of().url + (typeof path === "string" ? path : await path()), { waitUntil: "load" });
          await act?.(page);
          await page.locator("h1").waitFor();
          await page.evaluate("document.fonts.ready.then(() => undefined)");
          if (pictures !== undefined) {
            await page.screenshot({ path: join(pictures, `${shown.replaceAll(" ", "-")}.png`), fullPage: true });
          }
          const refused = /Failed to load resource: the server responded with a status of 4\d\d/;
          assert.deepEqual(
            errors.filter((error) => !refused.test(error)),
            [],
            "the console is silent",
          );
          assert.deepEqual(await violations(), []);
          assert.equal(await page.evaluate("document.documentElement.lang"), look.language);
          assert.equal(await page.evaluate("document.fonts.check('14px \"Inter Popug\"')"), true);
          assert.ok(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off");
        } finally {
          await close();
        }
      });
    }
  }

  /** Some colours of the page, as pixels: the app's build writes the same colour in another way. */
  const colours = (page: Page): Promise<number[]> =>
    page.evaluate(`["canvas", "surface", "ink", "ink-3", "line", "accent", "neg"].flatMap((token) => {
      const brush = document.createElement("canvas").getContext("2d");
      brush.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--" + token);
      brush.fillRect(0, 0, 1, 1);
      return [...brush.getImageData(0, 0, 1, 1).data];
    })`);

  test("the colours are those of the app, by the system's choice and by the one that was made in the app", async () => {
    const { page, close } = await openWindow(browser, {}, { bypassCSP: true });
    await page.goto(`${app.url}/auth/login?return_to=/settings`);
    await signIn(page);
    await page.waitForURL(`${app.url}/settings`);
    const seen: Record<"light" | "dark", number[][]> = { light: [], dark: [] };
    for (const system of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: system });
      for (const chosen of ["light", "dark", null] as const) {
        await page.evaluate(`localStorage.${chosen === null ? "removeItem" : "setItem"}("popug.theme", "${chosen}")`);
        for (const path of ["/settings", "/auth/"]) {
          await page.goto(app.url + path);
          await page.locator("h1").waitFor();
          seen[chosen ?? system].push(await colours(page));
        }
      }
    }
    await close();
    const differ = (a: number[] = [], b: number[] = []) =>
      Math.max(...a.map((value, at) => Math.abs(value - (b[at] ?? 999))));
    for (const theme of ["light", "dark"] as const) {
      const [first, ...others] = seen[theme];
      for (const other of others) assert.ok(differ(first, other) <= 2, `${theme}: ${first} and ${other}`);
    }
    assert.ok(differ(seen.light[0], seen.dark[0]) > 100);
  });

  test("without JavaScript people sign in, set a password and choose their language, which stays", async () => {
    const { page, close } = await openWindow(browser, {}, { javaScriptEnabled: false });
    await page.goto(`${app.url}/auth/login?return_to=/auth/`);
    await page.getByRole("link", { name: "Русский" }).click();
    await page.locator("html[lang=ru]").waitFor();
    assert.match(new URL(page.url()).pathname, /^\/login\//);
    assert.equal(await page.getByRole("button", { name: "Войти с ключом доступа" }).count(), 0);
    await page.locator("#login").fill("gosha");
    await page.locator("#password").fill("wrong");
    await submit(page);
    await page.getByRole("alert").waitFor();
    await page.getByRole("link", { name: "English" }).click();
    await page.locator("html[lang=en]").waitFor();
    await signIn(page);
    await page.getByRole("heading", { name: "Kesha" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(`${app.url}/`);

    const link = app.url + (await invitation());
    await page.goto(link);
    await page.getByLabel("Your link").fill(link);
    await submit(page);
    await newPassword(page, PASSWORD);
    await page.getByRole("heading", { name: "Your password is set" }).waitFor();
    await close();
  });

  test("a link leads on by itself, leaves nothing in the address, and stays good in another language", async () => {
    const { page, close } = await openWindow(browser);
    const requested: string[] = [];
    page.on("request", (request) => requested.push(request.url(), ...Object.values(request.headers())));
    const path = await invitation();
    await page.goto(app.url + path);
    await page.getByRole("link", { name: "Русский" }).waitFor();
    await page.locator("#password").waitFor();
    await page.getByRole("link", { name: "Русский" }).click();
    await page.locator("html[lang=ru] #password").waitFor();
    assert.equal(page.url(), `${app.url}/join/password`);
    const secret = path.split("#")[1] ?? assert.fail(path);
    // A browser sends no part behind the #.
    const sent = requested.map((text) => text.split("#")[0] ?? "");
    assert.deepEqual(
      sent.filter((text) => text.includes(secret)),
      [],
    );
    await page.goto(`${app.url}/join#used`);
    await page.getByRole("heading", { name: "Ссылка больше не действует" }).waitFor();
    await close();
  });

  test("what was typed can be looked at, and leaves as a password", async () => {
    const { page, close } = await openWindow(browser);
    await page.goto(`${app.url}/auth/login`);
    await page.locator("#login").fill("gosha");
    await page.locator("#password").fill("secret");
    const button = page.getByRole("button", { name: "Show the password" });
    await button.click();
    assert.equal(await page.locator("#password").getAttribute("type"), "text");
    assert.equal(await button.getAttribute("aria-pressed"), "true");
    await page.evaluate(`document.querySelector("form").addEventListener("submit", (e) => e.preventDefault())`);
    await submit(page);
    assert.equal(await page.locator("#password").getAttribute("type"), "password");
    await close();
  });
});
