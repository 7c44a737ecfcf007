/** From pressing "done" to the booked balance, at 100 completions per second, and memory at the end. */
import { setTimeout as delay } from "node:timers/promises";
import { importTasks, startCompany } from "./company.ts";
import type { Measure } from "./measure.ts";

const RATE = 100;
const SECONDS = 20;

export const latency: Measure = {
  name: "latency",
  runs: 3,
  run: async () => {
    const company = await startCompany({ workers: 50, loops: true });
    await importTasks(company, RATE * SECONDS);
    await company.app.settle();
    const tasks = (
      await company.app.services.get("tasks")?.sql<{ id: string }>("select task_id as id from task order by number")
    )?.map((row) => row.id);
    if (tasks === undefined) throw new Error("no tasks");
    const pressed = new Map<string, number>();
    const calls: Promise<unknown>[] = [];
    const begin = performance.now();
    for (const [i, id] of tasks.entries()) {
      const wait = begin + (i * 1_000) / RATE - performance.now();
      if (wait > 0) await delay(wait);
      pressed.set(id, Date.now());
      calls.push(company.call("admin", "POST", `/tasks/${id}/complete`, {}));
    }
    await Promise.all(calls);
    await company.app.settle();
    // The entry's event is logged just behind the commit that moved the balance: an upper bound on the same clock.
    const rows = await company.app.readerOf("tasks")<{ task: string; at: Date }>(
      `select e->>'taskId' as task, logged_at as at
         from accounting.published cross join lateral jsonb_array_elements(data->'entries') e
        where type = 'entry.posted' and e->>'kind' = 'reward'`,
    );
    const took = rows.map((row) => row.at.getTime() - (pressed.get(row.task) ?? 0)).toSorted((a, b) => a - b);
    const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN;
    const memory = process.memoryUsage().rss / 2 ** 20;
    await company.stop();
    return { "done to balance p50, ms": at(0.5), "done to balance p99, ms": at(0.99), "memory of Node, MiB": memory };
  },
};
