/** Every namespace: a file `en/<name>.ts` and its Russian twin. */
import type account from "./en/account.ts";
import type accounts from "./en/accounts.ts";
import type analytics from "./en/analytics.ts";
import type billingDays from "./en/billing-days.ts";
import type company from "./en/company.ts";
import type deadLetters from "./en/dead-letters.ts";
import type eventCatalogue from "./en/event-catalogue.ts";
import type eventFlow from "./en/event-flow.ts";
import type explain from "./en/explain.ts";
import type kitchen from "./en/kitchen.ts";
import type mails from "./en/mails.ts";
import type myTasks from "./en/my-tasks.ts";
import type people from "./en/people.ts";
import type settings from "./en/settings.ts";
import type shell from "./en/shell.ts";
import type tasks from "./en/tasks.ts";
import type ui from "./en/ui.ts";

export type Texts = {
  shell: typeof shell;
  ui: typeof ui;
  tasks: typeof tasks;
  "my-tasks": typeof myTasks;
  account: typeof account;
  company: typeof company;
  accounts: typeof accounts;
  "billing-days": typeof billingDays;
  analytics: typeof analytics;
  people: typeof people;
  "event-flow": typeof eventFlow;
  "event-catalogue": typeof eventCatalogue;
  "dead-letters": typeof deadLetters;
  explain: typeof explain;
  mails: typeof mails;
  settings: typeof settings;
  kitchen: typeof kitchen;
};
