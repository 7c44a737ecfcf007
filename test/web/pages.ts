/** The pages of the app as the tests open them. Add a line for each state that looks different. */
import type { Page } from "playwright-core";
import type { Company } from "./company.ts";

export type PageCase = {
  /** Names the picture. */
  name: string;
  path: string | ((company: Company) => string);
  /** Who looks. */
  as: "admin" | "manager" | "accountant" | "worker1";
  /** What is done before the look. */
  act?: (page: Page) => Promise<void>;
  /** What the browser may say on the console: an answer 404 that the page is there to show, say. */
  says?: RegExp;
};

export const pages: readonly PageCase[] = [
  { name: "my-tasks", path: "/my-tasks", as: "worker1" },
  { name: "my-tasks-done", path: "/my-tasks?done=true", as: "worker1" },
  { name: "tasks", path: "/tasks", as: "manager" },
  { name: "tasks-none", path: "/tasks?q=nowhere", as: "manager" },
  {
    name: "task",
    path: ({ tasks }) => `/tasks/${tasks.at(-20)}?show=all`,
    as: "admin",
    act: (page) => page.locator("aside ol li").first().waitFor(),
  },
  {
    name: "new-task",
    path: "/tasks/new",
    as: "worker1",
    act: (page) => page.getByRole("dialog").getByRole("textbox").first().waitFor(),
  },
  {
    name: "shuffle",
    path: "/tasks?shuffle=true",
    as: "manager",
    act: (page) => page.getByRole("dialog").getByRole("paragraph").first().waitFor(),
  },
  {
    name: "palette",
    path: "/tasks",
    as: "admin",
    act: async (page) => {
      await page.keyboard.press("Control+KeyK");
      await page.getByRole("option").first().waitFor();
    },
  },
  {
    name: "cheat-sheet",
    path: "/tasks",
    as: "manager",
    act: async (page) => {
      await page.keyboard.press("Shift+Slash");
      await page.getByRole("dialog").waitFor();
    },
  },
  { name: "account", path: "/account", as: "worker1" },
  {
    name: "account-pay-details",
    path: "/account",
    as: "worker1",
    act: async (page) => {
      await page
        .locator("main")
        .getByRole("button", { name: /^(Change|Изменить)$/ })
        .click();
      await page.getByRole("dialog").getByRole("textbox").first().waitFor();
    },
  },
  { name: "account-statement", path: ({ day }) => `/account?from=${day}&to=${day}`, as: "worker1" },
  { name: "account-payslip", path: "/account?payslip=1", as: "worker1" },
  { name: "account-of", path: ({ app }) => `/accounts/${app.people["worker2"]}`, as: "accountant" },
  { name: "company", path: "/company", as: "accountant" },
  { name: "company-day", path: ({ day }) => `/company?day=${day}&days=7&ledger=all`, as: "accountant" },
  { name: "accounts", path: "/accounts", as: "accountant" },
  { name: "billing-days", path: "/billing-days", as: "accountant" },
  { name: "billing-day", path: "/billing-days/1", as: "accountant" },
  {
    name: "billing-day-file",
    path: "/billing-days/1",
    as: "accountant",
    act: async (page) => {
      await page.getByRole("button", { name: /^(All sent have arrived|Все отправленные дошли)$/ }).click();
      await page.getByRole("dialog").getByRole("button").first().waitFor();
    },
  },
  {
    name: "billing-day-failed",
    path: "/billing-days/1",
    as: "admin",
    act: async (page) => {
      await page
        .getByRole("button", { name: /^(What became of it|Что с ней стало)/ })
        .first()
        .click();
      await page.getByRole("menuitem").last().click();
      await page.getByRole("dialog").getByRole("textbox").waitFor();
    },
  },
  { name: "analytics", path: "/analytics?span=week", as: "admin" },
  { name: "people", path: "/people", as: "admin" },
  {
    name: "people-one",
    path: ({ app }) => `/people?user=${app.people["worker1"]}`,
    as: "admin",
    act: async (page) => {
      // What a change of roles would do is said before it is made.
      await page.locator("fieldset input").nth(1).check();
      await page.locator("fieldset + [role=status], [role=status] b").first().waitFor();
    },
  },
  {
    name: "people-invite",
    path: "/people",
    as: "admin",
    act: async (page) => {
      await page.keyboard.press("KeyI");
      await page.getByRole("dialog").getByRole("textbox").first().waitFor();
    },
  },
  { name: "people-none", path: "/people?q=nobody", as: "admin" },
  { name: "days-away", path: "/days-away", as: "manager" },
  {
    name: "days-away-mark",
    path: "/days-away",
    as: "manager",
    act: async (page) => {
      await page.keyboard.press("KeyM");
      await page.getByRole("dialog").getByRole("textbox").first().waitFor();
    },
  },
  {
    name: "settings-days-away",
    path: "/settings",
    as: "worker1",
    act: async (page) => {
      await page.getByRole("button", { name: /^(Mark days away|Отметить дни)/ }).click();
      await page.getByRole("dialog").getByRole("textbox").first().waitFor();
    },
  },
  { name: "security-audit", path: "/security-audit", as: "admin" },
  {
    name: "event-flow",
    path: "/event-flow",
    as: "admin",
    act: (page) => page.locator("main dl").first().waitFor(),
  },
  {
    name: "event-flow-focus",
    path: "/event-flow?service=accounting&source=accounting",
    as: "admin",
    act: (page) => page.locator("main section h3").first().waitFor(),
  },
  { name: "event-catalogue", path: "/event-catalogue?event=task.created", as: "worker1" },
  { name: "dead-letters", path: "/dead-letters", as: "admin" },
  { name: "explain", path: "/explain", as: "admin" },
  { name: "explain-task", path: ({ tasks }) => `/explain?task=${tasks[0]}`, as: "admin" },
  {
    name: "explain-entry",
    path: "/explain",
    as: "accountant",
    act: async (page) => {
      await page.locator("main tbody a").first().click();
      await page.locator("main ol li").first().waitFor();
    },
  },
  {
    name: "explain-trace",
    path: ({ tasks }) => `/explain?task=${tasks[0]}`,
    as: "admin",
    act: async (page) => {
      await page.locator("main a[href*='trace=']").last().click();
      await page.locator("main ol pre").first().waitFor();
    },
  },
  { name: "mails", path: "/mails", as: "admin" },
  {
    name: "mails-one",
    path: "/mails",
    as: "admin",
    act: async (page) => {
      await page.locator("main tbody button").first().click();
      await page.locator("main section dl").first().waitFor();
    },
  },
  { name: "settings", path: "/settings", as: "worker1" },
  { name: "settings-mails", path: "/settings", as: "admin", act: (page) => page.locator("#mail-report").waitFor() },
  { name: "company-settings", path: "/company-settings", as: "admin" },
  {
    name: "company-settings-wrong",
    path: "/company-settings",
    as: "admin",
    act: async (page) => {
      await page.getByRole("spinbutton").nth(1).fill("1");
      await page.locator("form [aria-invalid]").waitFor();
    },
  },
  { name: "people-no-rights", path: "/people", as: "manager" },
  { name: "no-rights", path: "/company", as: "worker1" },
];
