/** What is on a page stays where it is while the rest arrives. Lighthouse's figures are in `docs/figures.md`. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page, Route } from "playwright-core";
import { openBrowser, openScreen, settled, skip } from "./browser.ts";
import { type Company, startCompany } from "./company.ts";
import { pages } from "./pages.ts";

const LIMIT = 0.01;

type Shift = { value: number; what: string[] };

/** Keeps what moves, as the browser reports it. */
const watch = `
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries())
      window.shifts.push({ value, what: sources.map(({ node }) => node?.outerHTML?.slice(0, 160) ?? "") });
  }).observe({ type: "layout-shift", buffered: true });
`;
const twoFrames = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))";

/** Lets one answer at a time through, the one asked for last first, and has each drawn before the next one. */
async function oneByOne(page: Page): Promise<{ rest: () => Promise<void> }> {
  const asked: Route[] = [];
  let turn = Promise.resolve();
  const next = async () => {
    const route = asked.pop();
    await route?.fallback();
    await (await route?.request().response())?.finished();
    await page.evaluate(twoFrames);
  };
  // The stream of changes never ends.
  await page.route(/\/api\/(?!changes)/, (route) => {
    asked.push(route);
    turn = turn.then(next);
  });
  const rest = async (): Promise<void> => {
    const before = turn;
    await before;
    if (turn !== before) await rest();
  };
  return { rest };
}

describe("layout shift", { skip }, () => {
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

  // Those that differ by what is done on them only load alike.
  const loads = pages.filter((one, at) => pages.findIndex(({ path, as }) => path === one.path && as === one.as) === at);
  for (const { name, path, as } of loads) {
    test(`${name} moves by at most ${LIMIT}, whatever answers last`, async () => {
      const screen = await openScreen(browser, company.app, as);
      try {
        await screen.page.addInitScript(watch);
        const answers = await oneByOne(screen.page);
        await screen.page.goto(company.app.url + (typeof path === "string" ? path : path(company)));
        await settled(screen.page);
        await answers.rest();
        const shifts: Shift[] = await screen.page.evaluate("window.shifts");
        const sum = shifts.reduce((total, { value }) => total + value, 0);
        assert(sum <= LIMIT, JSON.stringify(shifts, null, 2));
      } finally {
        await screen.close();
      }
    });
  }
});
