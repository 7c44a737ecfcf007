/**
 * A process for `killed.test.ts`: it hears notes in two shares until none are left, and is ended without a word by what says
 * "killer". Beside it a second consumer, innocent and slow, works at the same events.
 */
import { pino } from "pino";
import { allContracts } from "../../src/app/services.ts";
import type { Connection } from "../../src/platform/database.ts";
import { runService } from "../../src/platform/run-service.ts";
import type { Consumer } from "../../src/platform/service.ts";
import { ears, notes, writeDown } from "./small.ts";

const connection = JSON.parse(process.argv[2] ?? "") as Connection;
const service = ears(
  async (ctx, events) => {
    await writeDown(ctx, events);
    if (events.some((event) => event.data.text === "killer")) process.kill(process.pid, "SIGKILL");
  },
  { shares: 2 },
);
const innocent = ears(
  async (ctx) => {
    await ctx.sql("select pg_sleep(0.02)");
  },
  { name: "on-note-slowly" },
).consumers[0] as Consumer;
const running = runService(
  { ...service, consumers: [innocent, ...service.consumers] },
  { connection, poolSize: 4, log: pino({ level: "silent" }), contracts: allContracts([notes()]) },
);
await Promise.all(
  ["consumer:on-note-slowly", "consumer:on-note"].map(async (name) => {
    while ((await running.parts.get(name)?.()) !== 0);
  }),
);
await running.stop();
