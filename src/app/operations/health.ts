/**
 * Ready means: the databases of what runs here answer, no consumer has stopped, and what the services say gets to where others
 * hear it. Lag is told in seconds, because that is what people feel.
 */
import type { App } from "../start.ts";

export async function health(app: App) {
  try {
    for (const { services } of app.local) await app.readerOf(services[0]?.name ?? "")("select 1");
  } catch (error) {
    app.server.log.warn({ err: error }, "not ready: the database does not answer");
    return { ok: false, problems: ["the database does not answer"] };
  }
  // Why stands in the process's own log: whoever may ask for readiness need not be somebody who may read errors.
  const problems = [...app.services.values()].flatMap((running) => [
    ...running
      .consumers()
      .filter((consumer) => consumer.halted !== null)
      .map((consumer) => `${running.service.name}: ${consumer.consumer} has stopped`),
    ...[...running.failing()].filter((part) => part in stuck).map((part) => `${running.service.name}: ${stuck[part]}`),
  ]);
  return { ok: problems.length === 0, problems };
}

/** What it means when one of these fails. */
const stuck: Record<string, string> = {
  sequencer: "what it says does not get into its log",
  relay: "its log does not get to Kafka",
};
