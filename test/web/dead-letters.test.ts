/** Dead letters in the browser: what two people do about an event that concerns money, against the real system. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { openBrowser, openScreen, skip } from "./browser.ts";

describe("dead letters", { skip }, () => {
  let app: TestApp;
  let browser: Browser;

  before(async () => {
    app = await startTestApp();
    await app.join({ login: "second", roles: ["admin"] });
    await app.as("manager").post("/tasks", { title: "Water the palms" });
    await app.settle();
    // As accounting would have put it aside.
    await app.sql("accounting")(
      `insert into dead_letter (id, consumer, source, partition, position, epoch, key, type, event_id, status, reason, event)
       select gen_random_uuid(), 'on-task', 'tasks', partition, position, epoch, key, type, id, 'dead', 'out of range',
              jsonb_build_object('data', data) from tasks.published where type = 'task.created' limit 1`,
    );
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });

  test("one person asks for the discard, with a reason; only a second one can confirm it", async () => {
    const letters = () => app.sql("accounting")<{ status: string }>("select status from dead_letter");
    const discard = async (login: string, button: string) => {
      const { page, open, violations, close } = await openScreen(browser, app, login);
      await open("/dead-letters");
      await page.getByRole("row").getByRole("button").first().click();
      assert.deepEqual(await violations(), []);
      await page.getByRole("textbox", { name: "Reason" }).fill("it was a test");
      await page.getByRole("button", { name: button, exact: true }).click();
      await page.locator("[aria-live=polite] > div").first().waitFor();
      await close();
    };
    await discard("admin", "Discard");
    assert.deepEqual(await letters(), [{ status: "dead" }]);
    await discard("second", "Confirm the discard");
    assert.deepEqual(await letters(), [{ status: "discarded" }]);
  });
});
