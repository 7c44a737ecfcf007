/** What accountants, managers and admins do beside the daily round: in the browser, against the real system. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { until } from "../kit/until.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { openBrowser, openScreen, skip } from "./browser.ts";

const LINES = 120;

describe("books and people", { skip }, () => {
  let app: TestApp;
  let browser: Browser;
  before(async () => {
    app = await startTestApp({
      people: [
        { login: "manager", roles: ["manager"] },
        { login: "accountant", roles: ["accountant", "manager"] },
        { login: "worker1", roles: ["worker"] },
      ],
    });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });

  test("a day on which nothing moved says so once, and what begins it", async () => {
    const { page, open, violations, errors, close } = await openScreen(browser, app, "accountant");
    await open("/company");
    await page.getByRole("heading", { name: "Nothing has moved today yet" }).waitFor();
    const zeros = (await page.locator("main").innerText()).match(/\$0/g) ?? [];
    assert(zeros.length <= 1, `${zeros.length} zeros`);
    assert.deepEqual(await violations(), []);
    await page.getByRole("link", { name: "Make the first task" }).click();
    await page.getByRole("dialog").waitFor();
    assert.deepEqual(errors, []);
    await close();
  });

  test("printing brings all lines of the account, also those that the screen had not asked for", async () => {
    const titles = Array.from({ length: LINES }, (_, n) => `Feather ${n + 1}`);
    assert.equal((await app.as("manager").post("/tasks/import", { titles })).status, 200);
    await app.settle();
    const { page, open, errors, close } = await openScreen(browser, app, "worker1");
    await page.addInitScript(
      "window.print = () => { window.printed = document.querySelectorAll('main tbody tr td:first-child').length }",
    );
    await open("/account");
    await page.getByRole("row").nth(10).waitFor();
    assert(Number(await page.locator("main tbody tr td:first-child").count()) < LINES);
    await page.keyboard.press("Control+KeyP");
    const printed = async () => (await page.evaluate("window.printed")) ?? undefined;
    const late = () => "nothing was printed";
    assert.equal(await until(printed, { withinMs: 30_000, everyMs: 100, late }), LINES);
    assert.deepEqual(errors, []);
    await close();
  });

  test("the statement over days stands in the address and ends with the balance of the account", async () => {
    const { page, open, violations, errors, close } = await openScreen(browser, app, "worker1");
    await open("/account");
    const balance = await page.locator("main div[class*=hero]").innerText();
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("menuitem", { name: "Statement over days" }).click();
    await page.waitForURL(/from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d/);
    await page.getByRole("row", { name: /^All of it/ }).waitFor();
    assert.equal(await page.locator("main tfoot td").last().innerText(), balance);
    assert.deepEqual(await violations(), []);
    await page.getByLabel("Last day, included").fill("2020-01-02");
    await page.getByLabel("First day").fill("2020-01-01");
    await page.getByRole("heading", { name: "Nothing in these days" }).waitFor();
    await page.getByRole("button", { name: "Back to the account" }).click();
    await page.getByRole("heading", { name: "Audit log" }).waitFor();
    assert.deepEqual(errors, []);
    await close();
  });

  test("both sides of the trial balance of a day are one sum", async () => {
    const { page, open, close } = await openScreen(browser, app, "accountant");
    await open("/billing-days/1");
    const sums = page.getByRole("region", { name: "Trial balance" }).locator("tfoot td");
    await sums.nth(1).waitFor();
    const [debit, credit] = await sums.allInnerTexts();
    assert.equal(debit, credit);
    assert.notEqual(debit, "$0.00");
    await close();
  });

  test("a manager marks the days away of somebody, changes them and takes them back", async () => {
    const { page, open, violations, errors, close } = await openScreen(browser, app, "manager");
    await open("/days-away");
    await page.getByRole("heading", { name: "Nobody is away" }).waitFor();
    await page.keyboard.press("KeyM");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Popug").selectOption({ label: "worker1 Popug" });
    await dialog.getByLabel("Note").fill("the dentist");
    assert.deepEqual(await violations(), []);
    await dialog.getByRole("button", { name: "Save" }).click();
    const row = page.getByRole("row", { name: /worker1.*the dentist/ });
    await row.getByText("Now", { exact: true }).waitFor();
    await row.getByRole("button", { name: "Change" }).click();
    await dialog.getByLabel("Note").fill("the vet");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("row", { name: /the vet/ }).waitFor();
    assert.deepEqual(await violations(), []);
    const { body } = await app.as("worker1").get("/absences");
    assert.deepEqual(
      body.items.map((one: { note: string }) => one.note),
      ["the vet"],
    );
    await page.getByRole("button", { name: "Take back" }).click();
    await page.getByRole("heading", { name: "Nobody is away" }).waitFor();
    assert.deepEqual(errors, []);
    await close();
  });

  test("an invitation is sent again with a new link, and the one before is good no more", async () => {
    const made = await app.as("admin").post("/invitations", { login: "gosha", name: "Gosha Perov" });
    const { page, open, violations, errors, close } = await openScreen(browser, app, "admin");
    await open("/people");
    await page.getByRole("button", { name: "Send again" }).click();
    const link = page.getByRole("dialog").locator("code");
    await link.waitFor();
    assert.deepEqual(await violations(), []);
    const invited = await browser.newPage();
    // The secret stands behind the #, so another page is opened in between: else nothing would be asked for anew.
    for (const [address, shown] of [
      [await link.innerText(), "#password"],
      [made.body.link, "h1"],
    ] as const) {
      await invited.goto("about:blank");
      await invited.goto(address.replace(new URL(address).origin, app.url));
      await invited.locator(shown).first().waitFor();
    }
    assert.equal(await invited.locator("#password").count(), 0);
    await invited.close();
    assert.deepEqual(errors, []);
    await close();
  });

  test("the debt of somebody who left is given up by two people, never by one", async () => {
    const userId = app.people["worker1"];
    assert.equal((await app.as("admin").patch(`/users/${userId}`, { status: "inactive" })).status, 200);
    await app.settle();
    const one = await openScreen(browser, app, "accountant");
    await one.open(`/accounts/${userId}`);
    await one.page.getByLabel("Reason").fill("moved to another forest");
    assert.deepEqual(await one.violations(), []);
    await one.page.getByRole("button", { name: "Ask to give it up" }).click();
    await one.page.getByText("Waits for a second person").waitFor();
    assert.equal(await one.page.getByRole("button", { name: "Agree: give it up" }).count(), 0);

    const other = await openScreen(browser, app, "admin");
    await other.open("/accounts");
    await other.page.getByRole("link", { name: /moved to another forest/ }).click();
    await other.page.getByRole("button", { name: "Agree: give it up" }).click();
    await other.page.getByText("Written off", { exact: true }).waitFor();
    await app.settle();
    assert.equal((await app.as("accountant").get(`/accounts/${userId}`)).body.balanceMinor, 0);
    assert.deepEqual([...one.errors, ...other.errors], []);
    await one.close();
    await other.close();
  });
});
