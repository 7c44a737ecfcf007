/** Dead letters in the browser: what two people do about an event that concerns money, against the real system. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import pg from "pg";
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

  const stumble = async () => {
    await app.owner(`create or replace function analytics.stumble() returns trigger language plpgsql as
      $$ begin raise exception 'the title of % is too odd', new.task_id; end $$`);
    await app.owner(`create trigger stumble before insert on analytics.task_title for each row when (new.title like 'Odd%')
      execute function analytics.stumble()`);
  };
  const walkOn = () => app.owner("drop trigger stumble on analytics.task_title");

  test("what failed for one cause is one group, says where the code was, and is tried again as a whole", async () => {
    await stumble();
    for (let n = 1; n <= 12; n++) await app.as("manager").post("/tasks", { title: `Odd ${n}` });
    await app.settle();
    const { page, open, violations, errors, close } = await openScreen(browser, app, "admin");
    await open("/dead-letters");
    await page.getByRole("button", { name: "Retry all 12" }).waitFor();
    await page.getByRole("button", { name: /is too odd/ }).click();
    await page.getByRole("row").getByRole("button").first().click();
    await page
      .getByRole("region", { name: "Stack" })
      .getByText(/is too odd[^]* at /)
      .waitFor();
    await page.getByText("Headers", { exact: true }).click();
    await page.getByText(/"correlationId"/).waitFor();
    assert.deepEqual(await violations(), []);
    await page.keyboard.press("Escape");

    await walkOn();
    await page.getByRole("button", { name: "Retry all 12" }).click();
    await page.getByText("12 events will be tried again").waitFor();
    await page.getByText("No dead letters").waitFor();
    const titles = await app.sql("analytics")("select from task_title where title like 'Odd%'");
    assert.equal(titles.length, 12);
    assert.deepEqual(errors, []);
    await close();
  });

  test("what is parked follows by itself, and the page sees that without being asked", async () => {
    await stumble();
    await app.as("manager").post("/tasks", { title: "Odd behind another" });
    await app.settle();
    await walkOn();
    const { page, open, close } = await openScreen(browser, app, "admin");
    await open("/dead-letters");
    await page.getByRole("button", { name: /is too odd/ }).waitFor();
    // The first goes through; the second has to wait for whoever holds it, so that the page sees the state in between.
    const other = new pg.Client(app.app.homes.of("analytics").installation.admin);
    await other.connect();
    await other.query("begin; select from analytics.dead_letter where status = 'parked' for update");
    await app.as("admin").post("/dead-letters/analytics/redrive", {});
    await page.getByRole("button", { name: /is too odd/ }).waitFor({ state: "hidden" });
    await page.getByRole("button", { name: /an earlier event of its key/ }).waitFor();
    await other.end();
    await page.getByText("No dead letters").waitFor();
    await close();
  });
});
