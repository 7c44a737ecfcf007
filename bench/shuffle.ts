/** A shuffle of 100 000 open tasks among 1 000 popugs: until it is drawn, and until the last fee is booked. */
import { importTasks, startCompany } from "./company.ts";
import type { Measure } from "./measure.ts";

const TASKS = 100_000;

export const shuffle: Measure = {
  name: "shuffle",
  runs: 1,
  run: async () => {
    const company = await startCompany({ workers: 1_000, loops: true });
    await importTasks(company, TASKS);
    await company.app.settle();
    const begin = performance.now();
    const { shuffleId } = (await company.call("admin", "POST", "/shuffles", {})).body as { shuffleId: string };
    const finished = async () =>
      ((await company.call("admin", "GET", `/shuffles/${shuffleId}`)).body as { status: string }).status === "finished";
    const booked = async () =>
      (
        await company.app.services
          .get("accounting")
          ?.sql<{ n: number }>("select coalesce(sum(count), 0)::bigint as n from intake where type = 'task.updated'")
      )?.[0]?.n ===
      2 * TASKS;
    const drawn = await until(begin, finished);
    const all = await until(begin, booked);
    await company.stop();
    return { "drawn, s": drawn, "all fees booked, s": all };
  },
};

/** Seconds since `begin` at which the condition was seen to hold; looks five times a second. */
async function until(begin: number, condition: () => Promise<boolean>): Promise<number> {
  for (;;) {
    if (await condition()) return (performance.now() - begin) / 1_000;
    if (performance.now() - begin > 600_000) throw new Error("not within ten minutes");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
