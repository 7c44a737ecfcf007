/** Closing a period of 100 000 accounts, each with a fee: from the last event booked to billing.closed committed. */
import { v7 as uuidv7 } from "uuid";
import { startCompany } from "./company.ts";
import type { Measure } from "./measure.ts";

const ACCOUNTS = 100_000;

export const close: Measure = {
  name: "close",
  runs: 1,
  run: async () => {
    const company = await startCompany({ workers: 2, loops: false });
    const auth = company.app.services.get("auth");
    const tasks = company.app.services.get("tasks");
    const accounting = company.app.services.get("accounting");
    const work = accounting?.parts.get("job:close");
    if (!auth || !tasks || !accounting || !work) throw new Error("a part is missing");
    // People straight into the replica of tasks: creating 100 000 of them over HTTP is not what is measured.
    for (let done = 0; done < ACCOUNTS; done += 10_000) {
      await tasks.sql(
        `insert into person (user_id, login, name, email, roles, language, active, version, valid_from)
         select id, 'p' || id, 'P', '', '{worker}', 'en', true, 1, now() from unnest($1::uuid[]) id`,
        [Array.from({ length: 10_000 }, () => uuidv7())],
      );
    }
    for (let i = 0; i < 30; i++) {
      await company.call("admin", "POST", "/tasks/import", {
        mode: "all",
        csv: ["title", ...Array.from({ length: 10_000 }, (_, n) => `Task ${i}-${n}`)].join("\n"),
      });
    }
    await drain(tasks.parts.get("sequencer"));
    await drain(accounting.parts.get("consumer:on-task"));
    await drain(accounting.parts.get("sequencer"));
    await company.call("admin", "POST", "/periods/1/close", {});
    await drain(accounting.parts.get("sequencer"));
    await drain(tasks.parts.get("consumer:on-billing-close-requested"));
    await drain(tasks.parts.get("sequencer"));
    await drain(accounting.parts.get("consumer:on-task"));
    const begin = performance.now();
    await work();
    const seconds = (performance.now() - begin) / 1_000;
    const [row] = await accounting.sql<{ n: number; postings: number }>(
      `select (select count(*) from statement where period = 1) as n, (select count(*) from posting where period = 1) as postings`,
    );
    await company.stop();
    return { "close, s": seconds, "accounts closed": row?.n ?? 0, "postings of the period": row?.postings ?? 0 };
  },
};

async function drain(pass: (() => Promise<number>) | undefined): Promise<void> {
  if (pass === undefined) throw new Error("a part is missing");
  while ((await pass()) > 0);
}
