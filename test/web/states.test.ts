/** What a page shows when its data are not there: none yet, none to be had, not for this reader. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Route } from "playwright-core";
import enUi from "../../web/src/i18n/en/ui.ts";
import { openBrowser, openScreen, type Screen, skip } from "./browser.ts";
import { type Company, startCompany } from "./company.ts";

/** Every page with a list or figures of its own, and whom it is for. */
const pages = {
  "/my-tasks": "worker1",
  "/tasks": "manager",
  "/account": "worker1",
  "/company": "accountant",
  "/accounts": "accountant",
  "/billing-days": "accountant",
  "/billing-days/1": "accountant",
  "/analytics": "admin",
  "/people": "admin",
  "/days-away": "manager",
  "/security-audit": "admin",
  "/company-settings": "admin",
  "/event-flow": "admin",
  "/event-catalogue": "worker1",
  "/dead-letters": "admin",
  "/explain": "worker1",
  "/mails": "admin",
} as const;
/** What the frame around every page needs. */
const frame = /\/api\/(me|clock|business-day|changes|tasks\/counts|my\/account)(\?|$)/;

describe("a page without its data", { skip }, () => {
  let company: Company;
  let browser: Browser;
  before(async () => {
    company = await startCompany();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await company?.app.stop();
  });

  /** A window in which the page's own requests go through `answer`; the frame's go on to the server. */
  async function screenWith(path: string, login: string, answer: (route: Route) => Promise<void>): Promise<Screen> {
    const screen = await openScreen(browser, company.app, login);
    const own = path === "/account" ? /\/api\/my\/account$/ : undefined;
    await screen.page.route(`${company.app.url}/api/**`, async (route) => {
      const url = route.request().url();
      await (frame.test(url) && own?.test(url) !== true ? route.fallback() : answer(route));
    });
    return screen;
  }

  for (const [path, login] of Object.entries(pages)) {
    test(`${path} says that it is loading, says what went wrong, and has its data after another try`, async () => {
      let now: "loading" | "broken" | "well" = "loading";
      const held: Route[] = [];
      const broken = { status: 500, contentType: "application/problem+json", body: JSON.stringify({ status: 500 }) };
      const screen = await screenWith(path, login, async (route) => {
        if (now === "loading") held.push(route);
        else if (now === "broken") await route.fulfill(broken);
        else await route.fallback();
      });
      const { page } = screen;
      await page.goto(company.app.url + path, { waitUntil: "commit" });
      await page
        .getByRole("status")
        .filter({ hasText: enUi.loading })
        .or(page.locator("main [class*=skeleton]"))
        .first()
        .waitFor();
      now = "broken";
      for (const route of held) await route.fulfill(broken).catch(() => {});
      const again = page.getByRole("alert").getByRole("button", { name: enUi.retry }).first();
      await again.waitFor();
      now = "well";
      await again.click();
      // Where several parts failed, each has its button; one may be gone the moment after it was seen.
      const others = page.getByRole("alert").getByRole("button", { name: enUi.retry });
      while ((await others.count()) > 0) {
        await others.evaluateAll((buttons) =>
          buttons.forEach((button) => (button as unknown as { click: () => void }).click()),
        );
        await page.locator("main [class*=skeleton]").first().waitFor({ state: "detached" });
      }
      await page.locator("h1").first().waitFor();
      await screen.close();
    });
  }

  for (const path of Object.keys(pages).filter(
    (one) => pages[one as keyof typeof pages] !== "worker1" && one !== "/tasks",
  )) {
    test(`${path} asks for nothing and says so when it is not for the reader's role`, async () => {
      const asked: string[] = [];
      const screen = await screenWith(path, "worker1", async (route) => {
        asked.push(route.request().url());
        await route.fallback();
      });
      await screen.page.goto(company.app.url + path);
      await screen.page.getByText(enUi.noRights).waitFor();
      assert.deepEqual(asked, []);
      assert.deepEqual(screen.errors, []);
      await screen.close();
    });
  }
});
