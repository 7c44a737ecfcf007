/** Ready means: the database answers, and no consumer has stopped. Lag is told in seconds, because that is what people feel. */
import type { App } from "../start.ts";

export async function health(app: App) {
  try {
    await app.reader("select 1");
  } catch (error) {
    app.server.log.warn({ err: error }, "not ready: the database does not answer");
    return { ok: false, problems: ["the database does not answer"] };
  }
  const problems = [...app.services.values()].flatMap((running) =>
    running
      .consumers()
      .filter((consumer) => consumer.halted !== null)
      // Why stands in the process's own log: whoever may ask for readiness need not be somebody who may read errors.
      .map((consumer) => `${running.service.name}: ${consumer.consumer} has stopped`),
  );
  return { ok: problems.length === 0, problems };
}
