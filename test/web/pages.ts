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
  { name: "tasks", path: "/tasks", as: "manager" },
  { name: "account", path: "/account", as: "worker1" },
  { name: "company", path: "/company", as: "accountant" },
  { name: "accounts", path: "/accounts", as: "accountant" },
  { name: "billing-days", path: "/billing-days", as: "accountant" },
  { name: "analytics", path: "/analytics", as: "admin" },
  { name: "people", path: "/people", as: "admin" },
  { name: "event-flow", path: "/event-flow", as: "admin" },
  { name: "event-catalogue", path: "/event-catalogue", as: "worker1" },
  { name: "dead-letters", path: "/dead-letters", as: "admin" },
  { name: "explain", path: "/explain", as: "admin" },
  { name: "mails", path: "/mails", as: "admin" },
  { name: "settings", path: "/settings", as: "worker1" },
  { name: "no-rights", path: "/company", as: "worker1" },
];
