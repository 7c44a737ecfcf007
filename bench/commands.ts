/** Commands per second over HTTP, the client in the same process (its cost counts against us). */
import { inParallel, startCompany } from "./company.ts";
import type { Measure } from "./measure.ts";

const COUNT = 3_000;

export const commands: Measure = {
  name: "commands",
  runs: 3,
  run: async () => {
    const company = await startCompany({ workers: 50, loops: true });
    const tasks: string[] = [];
    const create = await rate(() =>
      inParallel(COUNT, 32, async (i) => {
        const answer = await company.call("admin", "POST", "/tasks", { title: `Task ${i}` });
        tasks.push((answer.body as { id: string }).id);
      }),
    );
    const complete = await rate(() =>
      inParallel(COUNT, 32, (i) => company.call("admin", "POST", `/tasks/${tasks[i]}/complete`, {})),
    );
    await company.stop();
    return { "createTask, commands/s": create, "completeTask, commands/s": complete };
  },
};

async function rate(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return COUNT / ((performance.now() - begin) / 1_000);
}
