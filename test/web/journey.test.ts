/** What people do in the app, by mouse and by keyboard alone, and what others see of it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { openBrowser, openScreen, skip } from "./browser.ts";
import { type Company, startCompany } from "./company.ts";
import { pressRussian } from "./hands.ts";

describe("the app at work", { skip }, () => {
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

  const cell = (page: Page, label: string) =>
    page.locator("section[aria-label=Today] > div").filter({ hasText: label });

  test("done on one person's screen changes the balance on that of another, and Undo takes it back", async () => {
    const one = await openScreen(browser, company.app, "worker1");
    const other = await openScreen(browser, company.app, "accountant");
    await one.open("/my-tasks");
    await other.open("/accounts");
    const balance = other.page
      .getByRole("row", { name: /worker1/ })
      .locator("td")
      .last();
    const before = await balance.innerText();
    await one.page.keyboard.press("KeyE");
    await one.page.getByRole("row", { selected: true }).getByRole("checkbox", { checked: true }).waitFor();
    const began = performance.now();
    await balance.filter({ hasNotText: before }).waitFor();
    const took = performance.now() - began;
    assert(took < 5_000, `the other screen knew after ${took} ms`);
    await one.page.keyboard.press("Control+KeyZ");
    await balance.filter({ hasText: before }).waitFor();
    // The own screen says the same as the books.
    await cell(one.page, "Balance").getByText(before).waitFor();
    assert.deepEqual([...one.errors, ...other.errors], []);
    await one.close();
    await other.close();
  });

  test("a task is made by keyboard alone, also in the Russian layout, and says to whom it went", async () => {
    const { page, open, close, errors } = await openScreen(browser, company.app, "worker2", { language: "ru" });
    await open("/tasks");
    await pressRussian(page, "KeyC");
    const title = page.getByRole("dialog").getByRole("textbox").first();
    await title.waitFor();
    await title.fill("Почистить клетку");
    await page.keyboard.press("Enter");
    await page
      .getByText(/^Назначена: /)
      .first()
      .waitFor();
    await page.getByText(/^Списание .* награда /).waitFor();
    assert.deepEqual(errors, []);
    await close();
  });

  test("a task opens with its history, whose amounts lead to the books; Esc closes it", async () => {
    const { page, open, close } = await openScreen(browser, company.app, "admin");
    await open("/tasks?show=done");
    await page.keyboard.press("KeyJ");
    await page.keyboard.press("Enter");
    const peek = page.getByRole("complementary", { name: "Task" });
    const reward = peek.getByRole("link", { name: /^\+\$.* explain$/ });
    await reward.waitFor();
    assert.match((await reward.getAttribute("href")) ?? "", /^\/explain\/\d+-tasks-/);
    await page.keyboard.press("Escape");
    await peek.waitFor({ state: "detached" });
    assert.match(page.url(), /\/tasks\?show=done$/, "the filter is still in the address");
    await close();
  });

  test("a shuffle says what it would do, shows its progress, and everybody sees the outcome", async () => {
    const { page, open, close, errors } = await openScreen(browser, company.app, "manager");
    await open("/tasks");
    await page.keyboard.press("Shift+KeyS");
    const dialog = page.getByRole("dialog");
    await dialog
      .getByText(/open tasks? will go to|open tasks/)
      .first()
      .waitFor();
    await dialog.getByRole("button", { name: "Shuffle", exact: true }).click();
    await page.getByText("All open tasks are assigned anew").waitFor();
    assert.deepEqual(errors, []);
    await close();
  });

  test("the palette finds pages, tasks and people", async () => {
    const { page, open, close } = await openScreen(browser, company.app, "admin");
    await open("/tasks");
    await page.keyboard.press("Control+KeyK");
    const field = page.getByRole("dialog").getByRole("combobox");
    await field.fill("worker3");
    await page.getByRole("option", { name: /worker3 Popug/ }).waitFor();
    await field.fill("aviary");
    await page
      .getByRole("option", { name: /Repaint the bell/ })
      .first()
      .waitFor();
    await field.fill("analytics");
    await page.getByRole("option", { name: /Analytics/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL("**/analytics");
    await close();
  });

  test("whose tasks are shown stands in the address, and comes back with the menu", async () => {
    const { page, open, close, errors } = await openScreen(browser, company.app, "manager");
    await open("/tasks");
    const assignee = page.getByRole("combobox", { name: "Assignee" });
    const option = assignee.locator("option").filter({ hasText: "worker1" });
    await option.waitFor({ state: "attached" });
    await assignee.selectOption((await option.getAttribute("value")) ?? "");
    await page.waitForURL(`**/tasks?assignee=${company.app.people["worker1"]}`);
    // At once, before the list is there; and the second key right behind the first, as fingers do it.
    const go = (key: string) => Promise.all([page.keyboard.press("KeyG"), page.keyboard.press(key)]);
    await go("KeyM");
    await page.waitForURL("**/account");
    await go("KeyT");
    await page.waitForURL(`**/tasks?assignee=${company.app.people["worker1"]}`);
    await page.goBack();
    await page.waitForURL("**/account");
    assert.deepEqual(errors, []);
    await close();
  });

  test("all tabs of a browser live on one stream, and the next one takes over without loss", async () => {
    const screen = await openScreen(browser, company.app, "admin");
    let streams = 0;
    const context = screen.page.context();
    context.on("request", (request) => {
      if (request.url().endsWith("/api/changes")) streams++;
    });
    await screen.open("/tasks");
    const tabs = await Promise.all(Array.from({ length: 5 }, () => context.newPage()));
    for (const tab of tabs) {
      await tab.goto(`${company.app.url}/tasks`);
      await tab.locator("[data-now=live]").first().waitFor({ state: "attached" });
    }
    assert.equal(streams, 1);
    await screen.page.close();
    await company.app.as("manager").post("/tasks", { title: "Made while the streams change hands" });
    await tabs[0]?.getByRole("button", { name: "1 new" }).waitFor();
    assert.equal(streams, 2);
    await screen.close();
  });
});
