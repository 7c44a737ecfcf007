/** A manager cancels a task, a popug marks days away: in the browser, in both languages. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { openBrowser, openScreen, skip } from "./browser.ts";
import { type Company, startCompany } from "./company.ts";

describe("cancelling and being away", { skip }, () => {
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
  const view = async (taskId: string | undefined) => (await company.app.as("admin").get(`/tasks/${taskId}`)).body;

  test("a manager cancels a task with a reason, which then stands in its history; a worker is not offered it", async () => {
    for (const [language, taskId] of [
      ["en", company.tasks.at(-1)],
      ["ru", company.tasks.at(-2)],
    ] as const) {
      const words =
        language === "en"
          ? { cancel: "Cancel task", reason: "Reason", status: "Cancelled", returned: "Fee returned" }
          : { cancel: "Отменить задачу", reason: "Причина", status: "Отменена", returned: "Возврат списания" };
      const worker = await openScreen(browser, company.app, "worker1", { language });
      await worker.open(`/tasks/${taskId}`);
      assert.equal(await worker.page.getByRole("button", { name: words.cancel }).count(), 0);
      await worker.close();

      const screen = await openScreen(browser, company.app, "admin", { language });
      const { page } = screen;
      await screen.open(`/tasks/${taskId}`);
      await page.getByRole("button", { name: words.cancel }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel(words.reason).fill("the same as yesterday");
      await dialog.getByRole("button", { name: words.cancel }).click();
      await dialog.waitFor({ state: "hidden" });
      await page.getByText("the same as yesterday").waitFor();
      await page.getByText(words.status, { exact: true }).first().waitFor();
      await page.getByText(words.returned).waitFor();
      assert.deepEqual([(await view(taskId)).status, screen.errors], ["cancelled", []]);
      await screen.open("/tasks?show=cancelled");
      await page
        .getByText((await view(taskId)).title)
        .first()
        .waitFor();
      await screen.close();
    }
  });

  test("a popug marks days away from today on and takes them back; people see who is away", async () => {
    const screen = await openScreen(browser, company.app, "worker1");
    const { page } = screen;
    await screen.open("/settings");
    await page.getByRole("button", { name: "Mark days away" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Give the open tasks to others").click();
    await dialog.getByLabel("Note").fill("the dentist");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText("the dentist").waitFor();
    assert.deepEqual(await screen.violations(), []);
    const mine = (await company.app.as("worker1").get("/my/tasks?status=in_progress")).body.items;
    assert.deepEqual(mine, []);

    const admin = await openScreen(browser, company.app, "admin", { language: "ru" });
    await admin.open("/people");
    await admin.page
      .getByText(/^Нет до /)
      .filter({ visible: true })
      .waitFor();
    await admin.close();

    await page.getByRole("button", { name: "Take back" }).click();
    await page.getByText("No days away are marked").waitFor();
    assert.deepEqual(screen.errors, []);
    await screen.close();
  });
});
