/** A company whose log of auth was really shortened: there are people in every partition, and their first events are gone. */
import assert from "node:assert/strict";
import { pino } from "pino";
import { shortenLogs } from "../../src/app/retention.ts";
import { allContracts, allServices } from "../../src/app/services.ts";
import { allPartitions } from "../../src/platform/event.ts";
import { connectionOf } from "../../src/platform/migrate.ts";
import { partitionOf } from "../../src/platform/outbox.ts";
import { runService, type RunningService } from "../../src/platform/run-service.ts";
import type { Service } from "../../src/platform/service.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";

const SEGMENT = 4;
const DAY_MS = 24 * 3_600_000;

export type Shortened = {
  app: TestApp;
  services: readonly Service[];
  /** The service as another process, which moves only by its parts. */
  copyOf: (service: Service) => RunningService;
  stop: () => Promise<void>;
};

/** Nothing moves by itself there. Besides `admin` and `manager` there are only managers: nobody takes part in draws. */
export async function shortenedCompany(): Promise<Shortened> {
  const app = await startTestApp({ loops: false, people: [{ login: "manager", roles: ["manager"] }] });
  const { owner } = app;
  await owner("create table public.kept as select * from auth.log");
  await owner("drop table auth.log_0, auth.log_1");
  await owner("update auth.log_source set segment_size = $1", [SEGMENT]);
  await owner("select auth.ensure_log_segment(n * $1) from generate_series(0, 20) n", [SEGMENT]);
  await owner("insert into auth.log select * from public.kept");

  const nobodyIn = new Set(allPartitions);
  for (let n = 1; nobodyIn.size > 0; n++) {
    nobodyIn.delete(partitionOf(await app.join({ login: `early${n}`, roles: ["manager"] })));
  }
  for (let change = 1; change <= SEGMENT; change++) {
    for (const [login, userId] of Object.entries(app.people)) {
      if (!login.startsWith("early")) continue;
      const answer = await app.as("admin").patch(`/users/${userId}`, { name: `${login}, ${change}` });
      assert.equal(answer.status, 200);
    }
  }
  await app.settle();
  // Two days further on, the day of these events is in front of the newest one that is closed and checked.
  for (let day = 0; day < 2; day++) {
    await app.moveClock(DAY_MS);
    await app.settle();
  }
  await owner("update auth.log set logged_at = logged_at - interval '31 days'");
  const services = allServices(app.app.config.settings);
  const { dropped, kept } = await shortenLogs(app.app.homes, 30);
  assert(dropped.includes("auth 0"), kept.join("; "));

  const copies: RunningService[] = [];
  return {
    app,
    services,
    copyOf: (service) => {
      const copy = runService(service, {
        connection: connectionOf(app.app.homes.of(service.name).installation, service.name),
        poolSize: 3,
        log: pino({ level: process.env["POPUG_LOG"] ?? "silent" }),
        contracts: allContracts(services),
      });
      copies.push(copy);
      return copy;
    },
    stop: async () => {
      for (const copy of copies) await copy.stop();
      await app.stop();
    },
  };
}
