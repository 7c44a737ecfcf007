/**
 * Lighthouse's marks of each page on a desktop, medians of five. It is no dependency, for it brings 199 packages:
 * `npm install --no-save lighthouse` first. `POPUG_BENCH_PAGES=company,tasks` for some of the pages.
 */
import { openBrowser } from "../test/web/browser.ts";
import { freePort } from "../test/kit/free-port.ts";
import { importTasks, inParallel, startCompany } from "./company.ts";
import type { Measure } from "./measure.ts";

const RUNS = 5;
const TASKS = 2_000;
const DONE = 400;
/** The stream of changes never ends: nothing tells Lighthouse that a page is there but this. */
const LOADED_MS = 12_000;
const all = [
  ...["company", "tasks", "account", "accounts", "billing-days", "analytics", "people", "days-away", "security-audit"],
  ...["event-flow", "event-catalogue", "dead-letters", "explain", "mails", "company-settings", "settings"],
];
const categories = ["performance", "accessibility", "best-practices"] as const;

type Report = { lhr: { categories: Record<string, { score: number | null }>; audits: Record<string, Audit> } };
type Audit = { numericValue?: number };
type Lighthouse = { default: (url: string, flags: object, config: unknown) => Promise<Report | undefined> };

export const lighthouse: Measure = {
  name: "lighthouse",
  runs: 1,
  run: async () => {
    // Not by name, so that the types of what is not installed are not asked for.
    const program = "lighthouse";
    const installed = (await import(program).catch(() => undefined)) as Lighthouse | undefined;
    if (installed === undefined) {
      console.log("lighthouse is not installed: npm install --no-save lighthouse");
      return {};
    }
    const look = installed.default;
    const { default: desktop } = (await import(`${program}/core/config/desktop-config.js`)) as { default: unknown };
    const company = await startCompany({ workers: 30, loops: true });
    await importTasks(company, TASKS);
    await company.app.settle();
    const tasks = await company.app.services
      .get("tasks")
      ?.sql<{ id: string }>("select task_id as id from task limit $1", [DONE]);
    await inParallel(DONE, 8, (n) => company.call("admin", "POST", `/tasks/${tasks?.[n]?.id}/complete`, {}));
    await company.app.settle();
    const port = await freePort();
    const browser = await openBrowser([`--remote-debugging-port=${port}`]);
    const figures: Record<string, number> = {};
    try {
      for (const page of process.env["POPUG_BENCH_PAGES"]?.split(",") ?? all) {
        const marks: Report["lhr"][] = [];
        for (let run = 0; run < RUNS; run++) {
          const extraHeaders = { authorization: await company.token("admin") };
          const flags = {
            ...{ port, extraHeaders, onlyCategories: categories, output: "json", logLevel: "error" },
            maxWaitForLoad: LOADED_MS,
          };
          const report = await look(`${company.app.url}/${page}`, flags, desktop);
          if (report !== undefined) marks.push(report.lhr);
        }
        const median = (of: (lhr: Report["lhr"]) => number) =>
          marks.map(of).toSorted((a, b) => a - b)[marks.length >> 1] ?? Number.NaN;
        for (const name of categories)
          figures[`${page}: ${name}`] = median((lhr) => 100 * (lhr.categories[name]?.score ?? 0));
        figures[`${page}: layout shift`] = median(
          (lhr) => lhr.audits["cumulative-layout-shift"]?.numericValue ?? Number.NaN,
        );
      }
    } finally {
      await browser.close();
      await company.stop();
    }
    return figures;
  },
};
