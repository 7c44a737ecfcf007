/** People choose in the settings what they are mailed: in the browser, in both languages. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import en from "../../web/src/i18n/en/settings.ts";
import { openBrowser, openScreen, skip } from "./browser.ts";
import { type Company, startCompany } from "./company.ts";

describe("choosing mails", { skip }, () => {
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
  const choicesOf = async (login: string) => (await company.app.as(login).get("/my/mail-choices")).body.items;

  test("a worker asks for mails about tasks by keyboard, and finds it so the next time; an admin is offered other mails", async () => {
    for (const [language, words] of [
      ["en", { mails: en.mails, assignments: en["mail.assignments"] }],
      ["ru", { mails: "Письма", assignments: "Новые задачи" }],
    ] as const) {
      const screen = await openScreen(browser, company.app, "worker1", { language });
      const { page } = screen;
      await screen.open("/settings");
      const mails = page.getByRole("region", { name: words.mails });
      const choice = mails.getByRole("checkbox", { name: words.assignments });
      await choice.waitFor();
      assert.equal(await mails.getByRole("checkbox").count(), 2);
      const before = await choice.isChecked();
      const answered = page.waitForResponse((response) => response.request().method() === "PATCH");
      await choice.press("Space");
      assert.equal((await answered).status(), 200);
      await page.reload();
      await choice.waitFor();
      assert.equal(await choice.isChecked(), !before);
      assert.deepEqual([await screen.violations(), screen.errors], [[], []]);
      await screen.close();

      const admin = await openScreen(browser, company.app, "admin", { language });
      await admin.open("/settings");
      const offered = admin.page.getByRole("region", { name: words.mails }).getByRole("checkbox");
      await offered.first().waitFor();
      assert.equal(await offered.count(), 4);
      assert.deepEqual(await admin.violations(), []);
      await admin.close();
    }
    assert.deepEqual(await choicesOf("worker2"), [
      { kind: "assignments", wanted: false },
      { kind: "payslip", wanted: true },
    ]);
  });

  test("a choice that is not taken goes back, with a word about it; mails that cannot be listed say so", async () => {
    const screen = await openScreen(browser, company.app, "worker2");
    const { page } = screen;
    await screen.open("/settings");
    const choice = page.getByRole("region", { name: en.mails }).getByRole("checkbox", { name: en["mail.payslip"] });
    await choice.waitFor();
    const broken = { status: 500, contentType: "application/problem+json", body: JSON.stringify({ status: 500 }) };
    await page.route("**/api/my/mail-choices", (route) => route.fulfill(broken));
    await choice.click();
    await page.locator("[class*=toasts] > *").first().waitFor();
    assert.equal(await choice.isChecked(), true);
    await page.reload();
    const section = page.getByRole("region", { name: en.mails });
    await section.locator("[class*=wrong]").waitFor();
    assert.equal(await section.getByRole("checkbox").count(), 0);
    await screen.close();
  });
});
