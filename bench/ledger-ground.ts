/** Accounting alone on a server of its own (fsync on), beside sources that say what a measure wants. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { v7 as uuidv7 } from "uuid";
import { readConfig } from "../src/config.ts";
import { taskCreatedV2 } from "../src/contracts/tasks/task.created.v2.ts";
import { taskRegistrationEndedV1 } from "../src/contracts/tasks/task.registration-ended.v1.ts";
import { taskUpdatedV2 } from "../src/contracts/tasks/task.updated.v2.ts";
import { tokenIssuedV1 } from "../src/contracts/auth/token.issued.v1.ts";
import { tokenRevokedV1 } from "../src/contracts/auth/token.revoked.v1.ts";
import { userCreatedV1 } from "../src/contracts/auth/user.created.v1.ts";
import { userUpdatedV1 } from "../src/contracts/auth/user.updated.v1.ts";
import { type Connection, openPool, sqlOn } from "../src/platform/database.ts";
import { PARTITIONS } from "../src/platform/event.ts";
import { startPostgres } from "../src/platform/embedded/postgres.ts";
import { connectionOf, prepareDatabase } from "../src/platform/migrate.ts";
import { partitionOf } from "../src/platform/outbox.ts";
import { runService, type RunningService } from "../src/platform/run-service.ts";
import type { Emit, Service, Sql } from "../src/platform/service.ts";
import { until } from "../test/kit/until.ts";
import { accountingService } from "../src/services/accounting/service.ts";

export type Ground = {
  accounting: RunningService;
  /** As the administrator, names resolving in accounting's schema. */
  owner: Sql;
  connection: Connection;
  /** Says something in the name of tasks; it stands in its log afterwards. */
  say: (work: (emit: Emit) => void) => Promise<void>;
  /** Ends a period (0: the founding). */
  end: (period: number) => Promise<void>;
  stop: () => Promise<void>;
};

const none = { migrations: [], consumers: [], jobs: [], routes: [] };

export async function openGround(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), "popug-ledger-"));
  const server = await startPostgres({ dataDir: join(folder, "postgres"), settings: {} });
  const auth: Service = {
    name: "auth",
    publishes: [userCreatedV1, userUpdatedV1, tokenIssuedV1, tokenRevokedV1],
    ...none,
  };
  const tasks: Service = { name: "tasks", publishes: [taskCreatedV2, taskUpdatedV2, taskRegistrationEndedV1], ...none };
  const services = [auth, tasks, accountingService(readConfig({ demo: true }, {}).settings)];
  const installation = { admin: server.connection, rolePrefix: "popug", roleSecret: "a bench", demo: true };
  await prepareDatabase(installation, services);
  const contracts = services.flatMap((service) => service.publishes);
  const [, tasksRunning, accounting] = services.map((service) =>
    runService(service, {
      connection: connectionOf(installation, service.name),
      poolSize: 4,
      log: pino({ level: "error" }),
      contracts,
    }),
  );
  if (tasksRunning === undefined || accounting === undefined) throw new Error("a service is missing");
  const pool = openPool(server.connection, { schema: "accounting", size: 1, name: "bench", onError: () => {} });
  // One connection for all of it: what is set on it stays. Filling books with millions of rows takes as long as it takes.
  const ownerClient = await pool.connect();
  await ownerClient.query("set statement_timeout = 0");
  const say: Ground["say"] = async (work) => {
    const origin = { correlationId: uuidv7(), actor: "system:bench" as const, command: "bench", traceparent: null };
    await tasksRunning.transact(origin, async (ctx) => work(ctx.emit));
    await drain(tasksRunning, "sequencer");
  };
  return {
    accounting,
    connection: server.connection,
    owner: sqlOn(ownerClient),
    say,
    end: (period) => say((emit) => emit(taskRegistrationEndedV1, ending(period), { period })),
    stop: async () => {
      await Promise.all([tasksRunning.stop(), accounting.stop()]);
      ownerClient.release(true);
      await pool.end();
      await server.stop("fast");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a part until it has nothing left to do. */
export async function drain(service: RunningService, part: string): Promise<void> {
  const pass = service.parts.get(part);
  if (pass === undefined) throw new Error(`no ${part}`);
  while ((await pass()) > 0);
}

/** Resolves when accounting, at work by itself, has booked all that is in the log of tasks and logged what it says about it. */
export async function allBooked({ sql }: Pick<RunningService, "sql">): Promise<void> {
  const left = `select 1 from tasks.published_head h
                  left join cursor c on c.consumer = 'on-task' and c.source = 'tasks' and c.partition = h.partition
                 where coalesce(c.position, 0) < h.position
                union all select 1 from outbox limit 1`;
  await until(async () => (await sql(left)).length === 0 || undefined, {
    ...{ withinMs: 120_000, everyMs: 5, late: () => "accounting does not get to the end" },
  });
}

/** Processor time so far, in ms, of this process and of the server's processes that work for it; Linux only. */
export async function cpuTime({ owner }: Ground): Promise<number> {
  const { user, system } = process.cpuUsage();
  const pids = await owner<{ pid: number }>("select pid from pg_stat_activity where application_name like 'popug %'");
  const ticks = pids.map(({ pid }) => {
    if (!existsSync(`/proc/${pid}/stat`)) return Number.NaN;
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return Number(fields[11]) + Number(fields[12]);
  });
  return (user + system) / 1_000 + ticks.reduce((a, b) => a + b, 0) * 10;
}

/**
 * Tasks that are drawn for one of many popugs and done, in the name of tasks: three events each, a thousand tasks at once.
 * @param what.partitions only the first of them; all when not given
 */
export async function sayTasks(
  ground: Pick<Ground, "say">,
  what: { period: number; tasks: number; popugs: number; partitions?: number },
): Promise<void> {
  const popugs = Array.from({ length: what.popugs }, () => uuidv7());
  for (let done = 0; done < what.tasks; done += 1_000) {
    await ground.say((emit) => {
      for (let i = done; i < Math.min(done + 1_000, what.tasks); i++) {
        const taskId = idWithin(what.partitions ?? PARTITIONS);
        // A day of a million tasks: an instant of its own for each.
        const options = { period: what.period, time: new Date(Date.UTC(2046, 0, what.period, 6) + 40 * i) };
        const title = `Feed the parrots of aviary ${i % 97}`;
        const created = { taskId, number: i + 1, title, jiraId: null, description: "", status: "in_progress" as const };
        emit(taskCreatedV2, created, options);
        const data = { taskId, title, jiraId: null, assigneeId: popugs[i % popugs.length] as string };
        emit(taskUpdatedV2, { ...data, isDone: false, change: "assigned" }, options);
        emit(taskUpdatedV2, { ...data, isDone: true, change: "done" }, options);
      }
    });
  }
}

function idWithin(partitions: number): string {
  for (;;) {
    const id = uuidv7();
    if (partitionOf(id) < partitions) return id;
  }
}

function ending(period: number) {
  const day = (n: number) => new Date(Date.UTC(2046, 0, 1 + n));
  const date = (n: number) => day(n).toISOString().slice(0, 10);
  return {
    ...{ period, businessDate: period === 0 ? null : date(period), part: period === 0 ? 0 : 1 },
    ...{ endedAt: day(period).toISOString(), lastTaskNumber: 0 },
    cause: period === 0 ? ("founding" as const) : ("schedule" as const),
    next: {
      ...{ period: period + 1, businessDate: date(period + 1), part: 1 },
      ...{ beginsAt: day(period).toISOString(), endsAt: day(period + 1).toISOString() },
    },
  };
}
