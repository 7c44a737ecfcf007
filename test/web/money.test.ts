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
