/**
 * An app whose books are written by the test: auth, analytics and notifications as they are; tasks and accounting only as
 * sources, which say what the test makes them say, through their own outbox, sequencer and log.
 */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { allContracts, allServices } from "../../../src/app/services.ts";
import { readConfig } from "../../../src/config.ts";
import { billingClosedV1 } from "../../../src/contracts/accounting/billing.closed.v1.ts";
import { entryPostedV4 } from "../../../src/contracts/accounting/entry.posted.v4.ts";
import { statementIssuedV1 } from "../../../src/contracts/accounting/statement.issued.v1.ts";
import { taskRegistrationEndedV1 } from "../../../src/contracts/tasks/task.registration-ended.v1.ts";
import type { DataOf } from "../../../src/platform/contract.ts";
import { connectionOf } from "../../../src/platform/migrate.ts";
import { type RunningService, runService } from "../../../src/platform/run-service.ts";
import type { Emit } from "../../../src/platform/service.ts";
import type { Settings } from "../../../src/settings.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";

type Entry = DataOf<typeof entryPostedV4>["entries"][number];
type Statement = DataOf<typeof statementIssuedV1>;
type Closed = DataOf<typeof billingClosedV1>;

export type Books = {
  app: TestApp;
  /** Folder whose `mailbox` takes the mails when there is no SMTP server. */
  folder: string;
  settings: Settings;
  post: (period: number, day: string, partition: number, entries: Entry[]) => Promise<void>;
  issue: (statement: Pick<Statement, "period" | "userId"> & Partial<Statement>) => Promise<void>;
  close: (closed: Pick<Closed, "period" | "businessDate"> & Partial<Closed>) => Promise<void>;
  endRegistration: (ended: {
    period: number;
    day: string;
    part?: number;
    next: { day: string; part?: number };
  }) => Promise<void>;
  say: (source: "tasks" | "accounting" | "auth", work: (emit: Emit) => void) => Promise<void>;
  /** A further copy of a service on the same database, as another process would run it. */
  copyOf: (service: "analytics" | "notifications") => RunningService;
  /** One step of a service: `sequencer`, `consumer:<name>`, `job:<name>`. */
  step: (service: string, part: string) => Promise<number>;
  stop: () => Promise<void>;
};

export const entry = (userId: string, kind: Entry["kind"], amountMinor: number, more: Partial<Entry> = {}): Entry => ({
  entryId: randomUUID(),
  userId,
  kind,
  amountMinor,
  taskId: kind === "payout" ? null : randomUUID(),
  title: kind === "payout" ? null : "Fix the cage",
  jiraId: null,
  occurredAt: "2026-03-02T09:12:00.000Z",
  ...more,
});

export async function startBooks(given: Partial<Settings> = {}, batchSize?: number): Promise<Books> {
  const folder = await mkdtemp(join(tmpdir(), "popug-mail-"));
  const settings: Settings = { ...readConfig({ demo: true }, {}).settings, dataDir: folder, ...given };
  const services = allServices(settings).map((service) =>
    service.name === "tasks" || service.name === "accounting"
      ? { ...service, consumers: [], jobs: [], routes: [] }
      : service,
  );
  const app = await startTestApp({ services, loops: false, ...(batchSize !== undefined && { batchSize }) });
  const copies: RunningService[] = [];

  const say: Books["say"] = async (source, work) => {
    await app.app.services.get(source)?.tools.transact("test.say", "system:test", async ({ emit }) => work(emit));
  };
  return {
    app,
    folder,
    settings,
    say,
    post: (period, businessDate, partition, entries) =>
      say("accounting", (emit) =>
        emit(entryPostedV4, { period, businessDate, currency: "USD", entries }, { period, partition }),
      ),
    issue: (statement) =>
      say("accounting", (emit) =>
        emit(
          statementIssuedV1,
          {
            businessDate: "2026-03-02",
            label: "2026-03-02",
            openingMinor: 0,
            creditsMinor: 0,
            debitsMinor: 0,
            payoutMinor: 0,
            closingMinor: 0,
            currency: "USD",
            ...statement,
          },
          { period: statement.period },
        ),
      ),
    close: (closed) =>
      say("accounting", (emit) =>
        emit(
          billingClosedV1,
          {
            part: 1,
            label: closed.businessDate,
            currency: "USD",
            feesMinor: 0,
            rewardsMinor: 0,
            earnedMinor: 0,
            paidOutMinor: 0,
            payoutCount: 0,
            carriedMinor: 0,
            negativeCount: 0,
            accountCount: 0,
            entryCount: 0,
            discardedCount: 0,
            seal: "a".repeat(64),
            ...closed,
          },
          { period: closed.period },
        ),
      ),
    endRegistration: ({ period, day, part = 1, next }) =>
      say("tasks", (emit) =>
        emit(
          taskRegistrationEndedV1,
          {
            period,
            businessDate: day,
            part,
            endedAt: `${next.day}T00:00:00.000Z`,
            cause: "schedule",
            lastTaskNumber: 1,
            next: {
              period: period + 1,
              businessDate: next.day,
              part: next.part ?? 1,
              beginsAt: `${next.day}T00:00:00.000Z`,
              endsAt: `${next.day}T23:59:59.000Z`,
            },
          },
          { period },
        ),
      ),
    copyOf: (name) => {
      const service = allServices(settings).find((candidate) => candidate.name === name);
      if (service === undefined) throw new Error(`no service ${name}`);
      const copy = runService(service, {
        connection: connectionOf(app.app.homes.of(name).installation, name),
        poolSize: 4,
        log: pino({ level: "silent" }),
        contracts: allContracts(services),
        ...(batchSize !== undefined && { batchSize }),
      });
      copies.push(copy);
      return copy;
    },
    step: async (service, part) => {
      const run = app.app.services.get(service)?.parts.get(part);
      if (run === undefined) throw new Error(`${service} has no ${part}`);
      return await run();
    },
    stop: async () => {
      for (const copy of copies) await copy.stop();
      await app.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
