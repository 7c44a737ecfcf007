/** Task events per second from a backlog in the tasks log to the ledger, accounting's own events logged as well. */
import { importTasks, startCompany } from "./company.ts";
import { allBooked } from "./ledger-ground.ts";
import type { Measure } from "./measure.ts";

const AT = "select sum(position)::bigint as sum from cursor where consumer = 'on-task'";

export const backlog: Measure = {
  name: "backlog",
  runs: 3,
  run: async () => {
    const company = await startCompany({ workers: 100, loops: false });
    const tasks = company.app.services.get("tasks");
    const accounting = company.app.services.get("accounting");
    const sequence = tasks?.parts.get("sequencer");
    if (accounting === undefined || sequence === undefined) throw new Error("a part is missing");
    await importTasks(company, 20_000);
    const sequenced = await timed(async () => drain(sequence));
    const booked = await timed(async () => {
      const [before] = await accounting.sql<{ sum: number }>(AT);
      accounting.start();
      await allBooked(accounting);
      const [after] = await accounting.sql<{ sum: number }>(AT);
      return (after?.sum ?? 0) - (before?.sum ?? 0);
    });
    await company.stop();
    return { "sequenced, events/s": sequenced, "booked, events/s": booked };
  },
};

/** Work per second. */
async function timed(work: () => Promise<number>): Promise<number> {
  const begin = performance.now();
  const did = await work();
  return did / ((performance.now() - begin) / 1_000);
}

async function drain(pass: () => Promise<number>): Promise<number> {
  let sum = 0;
  for (let did = await pass(); did > 0; did = await pass()) sum += did;
  return sum;
}
