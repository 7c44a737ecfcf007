/** Journeys through the money pages: a day closed by hand, and what the exports hold. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { openBrowser, openScreen, skip } from "./browser.ts";
import { type Company, startCompany } from "./company.ts";

async function exported(page: Page, press: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), press()]);
  return readFile(await download.path(), "utf8");
}

describe("the money pages", { skip }, () => {
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

  test("the ledger is exported as a spreadsheet of either language opens it, every line of the day", async () => {
    const { items } = (await company.app.as("accountant").get(`/entries?day=${company.day}&limit=500`)).body;
    for (const [language, separator] of [
      ["en", ","],
      ["ru", ";"],
    ] as const) {
      const screen = await openScreen(browser, company.app, "accountant", { language });
      await screen.open(`/company?day=${company.day}`);
      const csv = await exported(screen.page, async () => {
        await screen.page.getByRole("button", { name: language === "en" ? "Export" : "Экспорт" }).click();
        await screen.page.getByRole("menuitem").first().click();
      });
      const lines = csv.trimEnd().split("\r\n");
      assert(csv.startsWith("\uFEFF"));
      assert.equal(lines.length, items.length + 1);
      assert(
        lines.every((line) => line.split(separator).length === 10),
        lines[1],
      );
      await screen.close();
    }
  });

  test("an accountant closes the day by hand, after reading what follows, and sees it closed and checked", async () => {
    const screen = await openScreen(browser, company.app, "accountant");
    const { page } = screen;
    await screen.open("/billing-days");
    const { payableMinor } = (await company.app.as("accountant").get("/standing")).body;
    await page.getByRole("button", { name: "Close now" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(`$${(payableMinor / 100).toFixed(2)}`).waitFor();
    await dialog.getByRole("button", { name: "Close the day" }).click();
    await page.getByText("part 2").waitFor();
    await page.getByText("Sum of entries = sum of balances").nth(1).waitFor({ state: "attached" });
    assert.deepEqual(screen.errors, []);
    await screen.close();
  });

  test("an admin sets prices for the next day, reads what is meant, and today stays as it is", async () => {
    const screen = await openScreen(browser, company.app, "admin");
    const { page } = screen;
    await screen.open("/company-settings");
    const { now } = (await company.app.as("admin").get("/settings")).body;
    const { from, to } = now.rewardRange as { from: number; to: number };
    const save = page.getByRole("button", { name: "Save for the next day" });
    assert.equal(await save.isDisabled(), true, "nothing to save yet");
    const [lower, upper] = [page.getByRole("spinbutton").nth(2), page.getByRole("spinbutton").nth(3)];
    await upper.fill(String(from - 1));
    await page.getByText("Lower than where it begins").waitFor();
    assert.equal(await save.isDisabled(), true, "what cannot be is not sent");
    await lower.fill(String(from + 5));
    await upper.fill(String(to + 5));
    await save.click();
    await page.getByText(`next: ${from + 5}–${to + 5}`).waitFor();
    const line = page.getByRole("row").filter({ hasText: `Reward of a task: ${from + 5}–${to + 5}` });
    await line.getByText("The next day").waitFor();
    const after = (await company.app.as("admin").get("/settings")).body;
    const next = { from: from + 5, to: to + 5 };
    assert.deepEqual([after.now.rewardRange, after.next.rewardRange], [{ from, to }, next]);
    assert.deepEqual(screen.errors, []);
    assert.deepEqual(await screen.violations(), []);
    await screen.close();
  });

  test("a popug finds the payslip, and the file of it", async () => {
    const { items } = (await company.app.as("worker1").get("/payslips")).body;
    const screen = await openScreen(browser, company.app, "worker1");
    await screen.open(`/account?payslip=${items.at(-1).period}`);
    const link = screen.page.getByRole("link", { name: "PDF" });
    const file = await exported(screen.page, () => link.click());
    assert(file.startsWith("%PDF-"));
    await screen.page.getByRole("button", { name: "Back to the account" }).click();
    await screen.page.getByRole("heading", { name: "Audit log" }).waitFor();
    await screen.close();
  });
});
