/**
 * From the link that the first start prints to the first payslip, in real browser sessions of two people: once with a mouse
 * in English, once with the keys of a Russian layout alone.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { firstRun } from "../../src/app/first-run.ts";
import enAccount from "../../web/src/i18n/en/account.ts";
import enDays from "../../web/src/i18n/en/billing-days.ts";
import enMoney from "../../web/src/i18n/en/money.ts";
import enPeople from "../../web/src/i18n/en/people.ts";
import enShell from "../../web/src/i18n/en/shell.ts";
import enTaskDialogs from "../../web/src/i18n/en/task-dialogs.ts";
import enTasks from "../../web/src/i18n/en/tasks.ts";
import { freePort } from "../kit/free-port.ts";
import { startTestApp } from "../kit/app.ts";
import { openBrowser, openScreen, type Screen, skip } from "./browser.ts";
import { type Hands, keyboard, mouse } from "./hands.ts";

const en = {
  account: enAccount,
  "billing-days": enDays,
  money: enMoney,
  people: enPeople,
  shell: enShell,
  tasks: enTasks,
  "task-dialogs": enTaskDialogs,
};
type Say = { [N in keyof typeof en]: Record<keyof (typeof en)[N], string> };
const ru = Object.fromEntries(
  await Promise.all(
    Object.keys(en).map(async (name) => {
      const file = (await import(`../../web/src/i18n/ru/${name}.ts`)) as { default: Record<string, string> };
      return [name, file.default];
    }),
  ),
) as Say;
const PASSWORD = "correct horse battery staple";

describe("from the first start to the first payslip", { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser?.close());

  for (const [how, language, hands, say] of [
    ["with a mouse, in English", "en", mouse, en as Say],
    ["with the keys of a Russian layout alone", "ru", keyboard, ru],
  ] as const) {
    test(how, async () => {
      // The sign-in leads over the public address, so the port has to be known before the start.
      const port = await freePort();
      const app = await startTestApp({
        people: [],
        config: { port },
        settings: {
          publicUrl: `http://localhost:${port}`,
          demo: false,
          feeRange: { from: 10, to: 10 },
          rewardRange: { from: 30, to: 30 },
        },
      });
      const screens: Screen[] = [];
      try {
        // As it is before anybody is there.
        await app.owner("truncate auth.users cascade");
        const [admin, worker] = await Promise.all([
          openScreen(browser, app, null, { language }),
          openScreen(browser, app, null, { language }),
        ]);
        screens.push(admin, worker);

        await setUp(admin.page, hands, (await firstRun(app.app)).at(-1) ?? "");
        const link = await invite(admin.page, hands, say);
        await setPassword(worker.page, hands, link);
        await app.settle();

        await admin.page.getByRole("button", { name: say.people.done, exact: true }).press("Enter");
        await hands.press(admin.page.getByRole("link", { name: say.shell["place.tasks"] }).first(), ["KeyG", "KeyT"]);
        await hands.press(admin.page.getByRole("button", { name: say.tasks.newTask }).first(), ["KeyC"]);
        const title = admin.page.getByRole("dialog").getByRole("textbox").first();
        await hands.write(title, "Fix the perch in hall 1");
        await admin.page.keyboard.press("Enter");
        await admin.page.getByText(say["task-dialogs"].createdFor.replace("{{who}}", "Gosha Perov")).waitFor();

        await finish(worker.page, hands);
        await closeDay(admin.page, hands, say);
        await readPayslip(worker.page, hands, say);
        assert.deepEqual(
          screens.flatMap(({ errors }) => errors).filter((error) => !/401|404/.test(error)),
          [],
        );
      } finally {
        for (const screen of screens) await screen.close();
        await app.stop();
      }
    });
  }
});

const submit = (page: Page) => page.locator("main form:has(#password) button[type=submit]").first();

async function setUp(page: Page, hands: Hands, link: string): Promise<void> {
  await page.goto(link);
  await hands.write(page.locator("#login"), "ada");
  await hands.write(page.locator("#name"), "Ada Byron");
  await hands.write(page.locator("#password"), PASSWORD);
  await hands.write(page.locator("#repeat"), PASSWORD);
  await hands.press(submit(page));
  await hands.press(page.locator("main a[href='/auth/login']"));
  await signIn(page, hands, "ada");
}

async function signIn(page: Page, hands: Hands, login: string): Promise<void> {
  await hands.write(page.locator("#login"), login);
  await hands.write(page.locator("#password"), PASSWORD);
  await hands.press(submit(page));
  await page.locator("[data-now=live]").waitFor({ state: "attached" });
}

async function invite(page: Page, hands: Hands, say: Say): Promise<string> {
  await hands.press(page.getByRole("link", { name: say.shell["place.people"] }), ["KeyG", "KeyP"]);
  await page.getByRole("heading", { name: say.people.title }).waitFor();
  await hands.press(page.getByRole("button", { name: say.people.invite, exact: true }), ["KeyI"]);
  const dialog = page.getByRole("dialog");
  await hands.write(dialog.getByRole("textbox", { name: say.people["field.name"] }), "Gosha Perov");
  await hands.press(dialog.getByRole("button", { name: say.people.send }));
  const link = dialog.locator("code");
  await link.waitFor();
  return link.innerText();
}

async function setPassword(page: Page, hands: Hands, link: string): Promise<void> {
  await page.goto(link);
  await hands.write(page.locator("#password"), PASSWORD);
  await hands.write(page.locator("#repeat"), PASSWORD);
  await hands.press(submit(page));
  await hands.press(page.locator("main a"));
  await signIn(page, hands, "gosha.perov");
}

async function finish(page: Page, hands: Hands): Promise<void> {
  await page.getByRole("row").filter({ hasText: "Fix the perch in hall 1" }).waitFor();
  await hands.press(page.getByRole("row").nth(1).getByRole("checkbox"), ["KeyE"]);
  // The balance is the books', not a guess: −$10 for the assignment, +$30 for the work.
  await page.locator("main section").first().getByText("20").last().waitFor();
}

async function closeDay(page: Page, hands: Hands, say: Say): Promise<void> {
  await hands.press(page.getByRole("link", { name: say.shell["place.billing-days"] }), ["KeyG", "KeyB"]);
  await hands.press(page.getByRole("button", { name: say["billing-days"].closeNow }));
  await hands.press(page.getByRole("dialog").getByRole("button", { name: say["billing-days"].closeDo }));
  await page.getByText(say.money["status.closed"], { exact: true }).waitFor();
  await page.getByText(say["billing-days"].checkOk).waitFor({ state: "attached" });
}

async function readPayslip(page: Page, hands: Hands, say: Say): Promise<void> {
  await hands.press(page.getByRole("link", { name: say.shell["place.account"] }).first(), ["KeyG", "KeyM"]);
  const slip = page.getByRole("button").filter({ hasText: say.account.paidOut });
  await hands.press(slip);
  const sheet = page.getByRole("article");
  await sheet.getByText("Fix the perch in hall 1").first().waitFor();
  assert.match(await sheet.innerText(), /20[.,]00/);
}
