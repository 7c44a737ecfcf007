import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pino } from "pino";
import { allContracts, allServices } from "../../../src/app/services.ts";
import { type OpenLog, postgresLog } from "../../../src/platform/log.ts";
import { rebuild } from "../../../src/platform/rebuild.ts";
import { type Books, entry, startBooks } from "../notifications/books.ts";

let books: Books;
let worker1: string;

before(async () => {
  books = await startBooks({}, 16);
  worker1 = books.app.people["worker1"] as string;
  for (let i = 0; i < 64; i++) await books.post(1, "2026-03-02", i % 16, [entry(worker1, "fee", -1000)]);
  await books.app.settle();
});
after(async () => await books.stop());

const figures = async () => (await books.app.as("admin").get("/analytics?day=2026-03-02")).body;

/** @param onProgress may interfere between two rounds */
async function rebuildIt(onProgress: () => void = () => {}): Promise<number> {
  const services = allServices(books.settings);
  const service = services.find((it) => it.name === "analytics");
  assert(service);
  const log = pino({ level: "silent" });
  const { installation } = books.app.app.homes.of("analytics");
  const openLog: OpenLog = (source, own) => postgresLog(own, source);
  return rebuild(installation, service, { log, openLog, contracts: allContracts(services), onProgress });
}

/** What the tables hold, apart from when it was written. */
async function state(): Promise<unknown> {
  const tables = ["day_figures", "arrived", "balance", "completion", "task_title", "person", "period", "cursor"];
  return Object.fromEntries(
    await Promise.all(
      tables.map(async (table) => [
        table,
        await books.app.owner(`select to_jsonb(t) - '{starts}'::text[] as row from analytics.${table} t order by 1`),
      ]),
    ),
  );
}

test("a rebuild from the logs mends what was damaged and ends in the same state, cursors and all", async () => {
  const right = await state();
  await books.app.owner("update analytics.day_figures set fees_minor = 1");
  await books.app.owner("delete from analytics.person");
  assert((await rebuildIt()) > 64);
  assert.deepEqual(await state(), right);
  assert.equal((await figures()).feesMinor, 64_000);
});

test("the service at work goes on behind the new state: nothing is counted twice, nothing left out", async () => {
  // Half of what comes is met by the service itself, before the swap; the other half only afterwards.
  await books.post(1, "2026-03-02", 3, [entry(worker1, "fee", -1000)]);
  await books.step("accounting", "sequencer");
  await books.app.app.services.get("analytics")?.pass();
  await rebuildIt();
  await books.post(1, "2026-03-02", 3, [entry(worker1, "fee", -1000)]);
  await books.app.settle();
  assert.equal((await figures()).feesMinor, 66_000);
});

test("what the service books on the old state while the new one is read is neither lost nor counted twice", async () => {
  let meanwhile: Promise<unknown> | undefined;
  await rebuildIt(() => {
    meanwhile ??= (async () => {
      await books.post(1, "2026-03-02", 4, [entry(worker1, "fee", -1000)]);
      await books.step("accounting", "sequencer");
      await books.app.app.services.get("analytics")?.pass();
    })();
  });
  await meanwhile;
  await books.app.settle();
  assert.equal((await figures()).feesMinor, 67_000);
});

test("a rebuild that broke leaves the old state at work, and the next one begins anew", async () => {
  await assert.rejects(
    rebuildIt(() => {
      throw new Error("broken on purpose");
    }),
    /broken on purpose/,
  );
  assert.equal((await figures()).feesMinor, 67_000);
  await rebuildIt();
  assert.equal((await figures()).feesMinor, 67_000);
  const schemas = await books.app.owner("select nspname from pg_namespace where nspname like 'analytics\\_%'");
  assert.deepEqual(schemas, []);
});

test("of two rebuilds at once one is refused", async () => {
  let second: Promise<unknown> = Promise.resolve();
  await rebuildIt(() => {
    second = assert.rejects(rebuildIt(), /A rebuild is at work already/);
  });
  await second;
});

test("what people decided about dead letters is in no log: such a service is not rebuilt", async () => {
  await books.app.owner(
    `insert into analytics.dead_letter (id, consumer, source, partition, position, epoch, key, type, event_id, status, reason, event)
     values (gen_random_uuid(), 'on-task', 'tasks', 0, 1, 1, 'k', 'task.created', gen_random_uuid(), 'discarded', 'a test', '{}')`,
  );
  await assert.rejects(rebuildIt(), /People mended or discarded 1 dead letters/);
  await books.app.owner("delete from analytics.dead_letter");
});

test("a log that was shortened is no ground for a rebuild", async () => {
  await books.app.owner("update accounting.log_source set begins_at = 1000000");
  await assert.rejects(rebuildIt(), /The log of accounting begins at position 1000000/);
  await books.app.owner("update accounting.log_source set begins_at = 0");
  assert.equal((await figures()).feesMinor, 67_000);
});
