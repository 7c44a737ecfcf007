/** A list of any length: few rows in the document, the real end within reach, and done at once. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { openBrowser, openScreen, type Screen, skip } from "./browser.ts";

const TASKS = process.env["POPUG_WEB"] === "all" ? 100_000 : 3_000;
const IMPORT = 10_000;
const MAX_ROWS = 60;

describe(`a list of ${TASKS} tasks`, { skip }, () => {
  let app: TestApp;
  let browser: Browser;
  let screen: Screen;
  before(async () => {
    app = await startTestApp();
    for (let from = 0; from < TASKS; from += IMPORT) {
      const titles = Array.from({ length: Math.min(IMPORT, TASKS - from) }, (_, n) => `Feather ${from + n + 1}`);
      const { status, body } = await app.as("manager").post("/tasks/import", { titles });
      assert.equal(status, 200, JSON.stringify(body).slice(0, 300));
    }
    await app.settle();
    browser = await openBrowser();
    screen = await openScreen(browser, app, "admin");
    await screen.open("/tasks");
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });

  test("where its pages begin is known in one request", async (t) => {
    const began = performance.now();
    const { body } = await app.as("admin").get("/tasks/pages");
    t.diagnostic(`${body.firstIds.length} pages in ${Math.round(performance.now() - began)} ms`);
    assert.equal(body.total, TASKS);
  });

  test("End reaches the oldest task, Home the newest, and the document holds few rows", async (t) => {
    const { page } = screen;
    const began = performance.now();
    await page.keyboard.press("End");
    await page.getByText("Feather 1", { exact: true }).waitFor();
    t.diagnostic(`the end after ${Math.round(performance.now() - began)} ms`);
    assert((await page.getByRole("row").count()) <= MAX_ROWS);
    await page.keyboard.press("Home");
    await page.getByText(`Feather ${TASKS}`, { exact: true }).waitFor();
  });

  test("any place is there after a jump", async (t) => {
    const times: number[] = [];
    for (let jump = 1; jump <= 8; jump++) {
      const row = Math.floor((TASKS * jump) / 9);
      const began = performance.now();
      await screen.page.evaluate(`document.querySelector("[role=grid]").scrollTop = ${row * 40}`);
      await screen.page.getByText(`Feather ${TASKS - row}`, { exact: true }).waitFor();
      times.push(performance.now() - began);
    }
    const median = times.sort((a, b) => a - b)[times.length >> 1] as number;
    t.diagnostic(`jumps: median ${Math.round(median)} ms, worst ${Math.round(times.at(-1) as number)} ms`);
    assert((await screen.page.getByRole("row").count()) <= MAX_ROWS);
    assert.deepEqual(screen.errors, []);
  });

  test("a task flips before the server has answered", async (t) => {
    const { page } = screen;
    await page.keyboard.press("Home");
    await page.getByText(`Feather ${TASKS}`, { exact: true }).waitFor();
    const paint: number = await page.evaluate(`new Promise((resolve) => {
      const box = document.querySelector("[role=row][aria-rowindex='2'] [role=checkbox]");
      const began = performance.now();
      box.click();
      const look = () => box.getAttribute("aria-checked") === "true"
        ? resolve(performance.now() - began) : requestAnimationFrame(look);
      requestAnimationFrame(look);
    })`);
    t.diagnostic(`click to paint ${Math.round(paint)} ms`);
    await page
      .getByText(/is done/)
      .first()
      .waitFor();
  });
});
