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
  { name: "account-payslip", path: "/account?payslip=1", as: "worker1" },
  { name: "account-of", path: ({ app }) => `/accounts/${app.people["worker2"]}`, as: "accountant" },
  { name: "company", path: "/company", as: "accountant" },
  { name: "company-day", path: ({ day }) => `/company?day=${day}&days=7&ledger=all`, as: "accountant" },
  { name: "accounts", path: "/accounts", as: "accountant" },
  { name: "billing-days", path: "/billing-days", as: "accountant" },
  { name: "billing-day", path: "/billing-days/1", as: "accountant" },
  { name: "analytics", path: "/analytics?span=week", as: "admin" },
  { name: "people", path: "/people", as: "admin" },
  { name: "event-flow", path: "/event-flow", as: "admin" },
  { name: "event-catalogue", path: "/event-catalogue", as: "worker1" },
  { name: "dead-letters", path: "/dead-letters", as: "admin" },
  { name: "explain", path: "/explain", as: "admin" },
  { name: "mails", path: "/mails", as: "admin" },
  { name: "settings", path: "/settings", as: "worker1" },
  { name: "no-rights", path: "/company", as: "worker1" },
];
