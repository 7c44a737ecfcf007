/** Ready means: the database answers, and no consumer has stopped. Lag is told in seconds, because that is what people feel. */
import type { App } from "../start.ts";

export async function health(app: App) {
  try {
    await app.reader("select 1");
  } catch (error) {
    return { ok: false, problems: [`the database does not answer: ${(error as Error).message}`] };
  }
  const problems = [...app.services.values()].flatMap((running) =>
    running
      .consumers()
      .filter((consumer) => consumer.halted !== null)
      .map((consumer) => `${running.service.name}: ${consumer.consumer} has stopped: ${consumer.halted}`),
  );
  return { ok: problems.length === 0, problems };
}
