/**
 * What people wait for in the app, with 100 000 open tasks and a real browser: lists, clicks, other screens, a shuffle,
 * many tabs. `POPUG_BENCH_TASKS` for fewer.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { openBrowser } from "../test/web/browser.ts";
import { type Company, importTasks, startCompany } from "./company.ts";
import type { Measure } from "./measure.ts";

const TASKS = Number(process.env["POPUG_BENCH_TASKS"] ?? 100_000);
const WORKERS = 200;
const TABS = 20;
const TOKEN_LASTS_MS = 100_000;

export const web: Measure = {
  name: "web",
  runs: 1,
  run: async () => {
    const company = await startCompany({ workers: WORKERS, loops: true });
    await importTasks(company, TASKS);
    await company.app.settle();
    const browser = await openBrowser();
    const desk = await openDesk(browser, company, "admin");
    try {
      await desk.open("/tasks");
      const figures: Record<string, number> = {};
      for (const [part, measure] of Object.entries({
        clicks: () => clicks(desk.page),
        scrolling: () => scrolling(desk.page),
        "another screen": () => otherScreen(browser, company, 60),
        "a shuffle": () => shuffling(browser, company, desk.page),
        tabs: () => tabs(desk.context, company),
      })) {
        // It takes minutes: whoever waits wants to know how far it is.
        console.error(`web: ${part}`);
        Object.assign(figures, await measure());
      }
      return figures;
    } finally {
      await desk.close();
      await browser.close();
      await company.stop();
    }
  },
};

type Desk = { page: Page; context: BrowserContext; open: (path: string) => Promise<void>; close: () => Promise<void> };

/** A window in which somebody is signed in; nothing stands between the browser and the server. */
async function openDesk(browser: Browser, company: Company, login: string): Promise<Desk> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 960 }, locale: "en-US" });
  const renew = async () => context.setExtraHTTPHeaders({ authorization: await company.token(login) });
  await renew();
  const timer = setInterval(() => void renew().catch(() => {}), TOKEN_LASTS_MS);
  const page = await context.newPage();
  return {
    page,
    context,
    open: async (path) => {
      await page.goto(company.app.url + path);
      await page.locator("[data-now=live]").first().waitFor({ state: "attached" });
      await page.locator("main [class*=skeleton]").first().waitFor({ state: "detached" });
    },
    close: async () => {
      clearInterval(timer);
      await context.close();
    },
  };
}

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

/** Durations of presses of keys and of the mouse until the next paint, as the browser itself measures them. */
const WATCH_INPUT = `window.inputs = []; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (entry.interactionId) window.inputs.push(entry.duration);
}).observe({ type: "event", durationThreshold: 16 })`;

async function clicks(page: Page): Promise<Record<string, number>> {
  await page.evaluate(WATCH_INPUT);
  const paints: number[] = [];
  for (let row = 2; row < 22; row++) {
    paints.push(
      await page.evaluate(`new Promise((resolve) => {
        const box = document.querySelector("[role=row][aria-rowindex='${row}'] [role=checkbox]");
        const began = performance.now();
        box.click();
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
      })`),
    );
  }
  for (let n = 0; n < 15; n++) for (const key of ["KeyJ", "KeyX", "PageDown", "KeyK"]) await page.keyboard.press(key);
  for (const key of ["Escape", "Enter", "Escape", "Home"]) await page.keyboard.press(key);
  const inputs: number[] = await page.evaluate("window.inputs");
  return {
    "done: click to paint p95, ms": quantile(paints, 0.95),
    // What is quicker than a frame is not told at all.
    "keys: interaction to paint p95, ms": inputs.length === 0 ? 16 : quantile(inputs, 0.95),
    "keys: interaction to paint worst, ms": Math.max(16, ...inputs),
  };
}

async function scrolling(page: Page): Promise<Record<string, number>> {
  const jumps: number[] = [];
  for (let jump = 1; jump <= 20; jump++) {
    const row = Math.floor((TASKS * ((jump * 7) % 20)) / 20) + 30;
    jumps.push(
      await page.evaluate(`new Promise((resolve) => {
        const grid = document.querySelector("[role=grid]");
        const began = performance.now();
        grid.scrollTop = ${row * 40};
        const look = () => document.querySelector("[role=row][aria-rowindex='${row + 2}'] [role=checkbox]") !== null
          ? resolve(performance.now() - began) : requestAnimationFrame(look);
        requestAnimationFrame(look);
      })`),
    );
  }
  await page.keyboard.press("Home");
  const box = await page.locator("[role=grid]").boundingBox();
  await page.mouse.move((box?.x ?? 0) + 300, (box?.y ?? 0) + 300);
  await page.evaluate(`(() => {
    window.frames_ = []; window.rows_ = 0; let last = performance.now();
    const tick = (now) => {
      window.frames_.push(now - last); last = now;
      window.rows_ = Math.max(window.rows_, document.querySelectorAll("[role=row]").length);
      window.watch = requestAnimationFrame(tick);
    };
    window.watch = requestAnimationFrame(tick);
  })()`);
  for (let turn = 0; turn < 200; turn++) {
    await page.mouse.wheel(0, 120);
    await delay(16);
  }
  const frames: number[] = await page.evaluate("cancelAnimationFrame(window.watch), window.frames_.slice(2)");
  // Through everything: as far as anybody scrolls in one go.
  for (let part = 0; part <= 100; part++) {
    await page.evaluate(`document.querySelector("[role=grid]").scrollTop = ${Math.floor((TASKS * 40 * part) / 100)}`);
    await delay(30);
  }
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  await session.send("Performance.enable");
  const { metrics } = await session.send("Performance.getMetrics");
  const heap = metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? Number.NaN;
  await session.detach();
  return {
    "jump to real rows p95, ms": quantile(jumps, 0.95),
    "frames of at most 34 ms, %": (100 * frames.filter((frame) => frame <= 34).length) / frames.length,
    "rows in the document, most": await page.evaluate("window.rows_"),
    "heap after scrolling through all, MiB": heap / 2 ** 20,
  };
}

/** Longer than anybody looks at a screen for it. */
const GIVE_UP_MS = 20_000;

/** From the press of somebody to the new balance on a screen of somebody else, so many times. */
async function pressToBalance(company: Company, page: Page, login: string, times: number): Promise<number[]> {
  const userId = await idOf(company, login);
  const took: number[] = [];
  for (let n = 0; n < times; n++) {
    // Whatever they hold now: a shuffle takes it away again.
    const held = await company.call("admin", "GET", `/tasks?status=in_progress&limit=1&assigneeId=${userId}`);
    const [task] = (held.body as { items: { id: string }[] }).items;
    if (task === undefined) continue;
    const seen: Promise<number> = page.evaluate(`new Promise((resolve) => {
      // What was paid for done tasks: fees of a shuffle do not move it.
      const paid = document.querySelector("main dl > div:nth-child(2) dd");
      const look = new MutationObserver(() => { look.disconnect(); resolve(Date.now()); });
      look.observe(paid, { subtree: true, childList: true, characterData: true });
      setTimeout(() => resolve(0), ${GIVE_UP_MS});
    })`);
    const began = Date.now();
    const done = (await company.call("admin", "POST", `/tasks/${task.id}/complete`, {})).body as { assigneeId: string };
    const at = await seen;
    // Never seen counts as the longest wait, not as none.
    if (done.assigneeId === userId) took.push(at === 0 ? GIVE_UP_MS : at - began);
    // Not in step with anything that happens once a second.
    await delay(100 + Math.random() * 900);
  }
  return took;
}

async function idOf(company: Company, login: string): Promise<string> {
  const [row] =
    (await company.app.services
      .get("tasks")
      ?.sql<{ id: string }>("select user_id as id from person where login = $1", [login])) ?? [];
  if (row === undefined) throw new Error(`nobody has the login ${login}`);
  return row.id;
}

async function otherScreen(browser: Browser, company: Company, times: number): Promise<Record<string, number>> {
  const other = await openDesk(browser, company, "worker3");
  await other.open("/account");
  const took = await pressToBalance(company, other.page, "worker3", times);
  await other.close();
  return {
    "done to balance elsewhere p50, ms": quantile(took, 0.5),
    "done to balance elsewhere p95, ms": quantile(took, 0.95),
    "done to balance elsewhere p99, ms": quantile(took, 0.99),
  };
}

/** A shuffle of everything, looked at by the admin, while a popug's balance moves on another screen. */
async function shuffling(browser: Browser, company: Company, page: Page): Promise<Record<string, number>> {
  const other = await openDesk(browser, company, "worker5");
  await other.open("/account");
  await page.keyboard.press("Home");
  await page.evaluate(WATCH_INPUT);
  await page.evaluate(`(() => {
    window.steps = [];
    let last = "";
    new MutationObserver(() => {
      const now = document.querySelector("[role=progressbar][aria-label]")?.parentElement?.innerText ?? "";
      if (now !== "" && now !== last) { last = now; window.steps.push(Date.now()); }
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  })()`);
  const began = Date.now();
  const { shuffleId } = (await company.call("admin", "POST", "/shuffles", {})).body as { shuffleId: string };
  const presses = pressToBalance(company, other.page, "worker5", 12);
  const running = async () =>
    ((await company.call("admin", "GET", `/shuffles/${shuffleId}`)).body as { status: string }).status !== "finished";
  while (await running()) {
    for (const key of ["KeyJ", "PageDown", "KeyK"]) await page.keyboard.press(key);
    await delay(100);
  }
  const ended = Date.now();
  const took = await presses;
  await other.close();
  const steps: number[] = await page.evaluate("window.steps");
  const inputs: number[] = await page.evaluate("window.inputs");
  const during = steps.filter((at) => at <= ended);
  return {
    "shuffle, s": (ended - began) / 1_000,
    "shuffle: first progress, ms": (steps[0] ?? Number.NaN) - began,
    "shuffle: updates per second": during.length / Math.max(0.001, (ended - (steps[0] ?? began)) / 1_000),
    "shuffle: interaction to paint p95, ms": inputs.length === 0 ? 16 : quantile(inputs, 0.95),
    "shuffle: done to balance elsewhere p50, ms": quantile(took, 0.5),
    "shuffle: done to balance elsewhere p95, ms": quantile(took, 0.95),
  };
}

/** Many tabs of one browser: one stream, and the application answers in the last of them. */
async function tabs(context: BrowserContext, company: Company): Promise<Record<string, number>> {
  let streams = 1;
  context.on("request", (request) => {
    if (request.url().endsWith("/api/changes")) streams++;
  });
  for (let tab = 1; tab < TABS; tab++) {
    const page = await context.newPage();
    await page.goto(`${company.app.url}/tasks`);
    await page.locator("[data-now=live]").first().waitFor({ state: "attached" });
  }
  const last = context.pages().at(-1) as Page;
  const answered: number = await last.evaluate(`(async () => {
    const began = performance.now();
    await fetch("/api/me");
    return performance.now() - began;
  })()`);
  return { [`streams of ${TABS} tabs`]: streams, "answer in the last tab, ms": answered };
}
