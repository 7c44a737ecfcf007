/**
 * The crash points of a close, one after the other: the database session that closes is ended before and behind each of
 * its statements, from BEGIN to COMMIT.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { isTransient, openPool, sqlOn } from "../../src/platform/database.ts";
import { connectionOf } from "../../src/platform/migrate.ts";
import { createTransact } from "../../src/platform/transact.ts";
import { closeBooks } from "../../src/services/accounting/close.ts";
import { verifyBooks } from "../../src/services/accounting/verify.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { ROLE_PREFIX, ROLE_SECRET, testServer } from "../kit/server.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp({ loops: false });
});
after(() => app?.stop());

test("a close that is killed before or behind any of its statements pays everybody once, and writes each mail once", async (t) => {
  await aDayOfWork();
  await untilOnlyTheCloseIsLeft();
  const pool = await poolIn("accounting");
  let points = 0;
  try {
    for (let nth = 1; ; nth++) {
      const before = await closeKilledAt(pool, nth, "before");
      assert.equal(before, "killed", `before statement ${nth}`);
      assert.deepEqual(await traces(), nothing, `killed before statement ${nth}`);
      const behind = await closeKilledAt(pool, nth, "behind");
      points += 2;
      if (behind === "closed") break;
      const left = await traces();
      // Behind COMMIT the close does not know that it closed; the next one finds out.
      if (left.closings === 0) assert.deepEqual(left, nothing, `killed behind statement ${nth}`);
      else {
        assert.equal(await closeKilledAt(pool, 1_000, "before"), "nothing to do");
        break;
      }
    }
  } finally {
    await pool.end();
  }
  assert(points >= 34, `${points} crash points`);
  t.diagnostic(`${points} crash points`);
  await app.settle();

  const { payouts, statements, closings } = await traces();
  assert.deepEqual([closings, statements > 0, payouts > 0], [1, true, true]);
  const once = await app.owner(
    `select 'posting' as what from accounting.posting where kind = 'payout' group by period, user_id having count(*) > 1
     union all
     select 'request' from accounting.log where type = 'payout.requested' group by data->>'period', data->>'userId' having count(*) > 1
     union all
     select 'statement' from accounting.log where type = 'statement.issued' group by data->>'period', data->>'userId' having count(*) > 1`,
  );
  assert.deepEqual(once, []);
  const [mails] = await app.owner<{ payslips: number; reports: number; paidWithoutOne: number }>(
    `select count(*) filter (where kind = 'payslip') as payslips, count(*) filter (where kind = 'report') as reports,
            (select count(*) from accounting.posting p where p.kind = 'payout' and not exists (
               select from notifications.mail m where m.key = 'payslip:1:' || p.user_id)) as "paidWithoutOne"
       from notifications.mail`,
  );
  assert.deepEqual(mails, { payslips: statements, reports: 1, paidWithoutOne: 0 });
  assert.deepEqual(await findingsOfVerify(), []);
});

/** Somebody above zero, somebody below. */
async function aDayOfWork(): Promise<void> {
  for (let n = 0; n < 12; n++) {
    const made = await app.as("manager").post("/tasks", { title: `Feed parrot ${n}` });
    assert.equal(made.status, 201);
    if (n % 3 > 0) assert.equal((await app.as("admin").post(`/tasks/${made.body.id}/complete`)).status, 200);
  }
}

async function untilOnlyTheCloseIsLeft(): Promise<void> {
  assert.equal((await app.as("accountant").post("/periods/1/close")).status, 202);
  const passes = ["tasks", "accounting"].flatMap((name) =>
    [...(app.app.services.get(name)?.parts ?? [])].flatMap(([part, pass]) => (part === "job:close" ? [] : [pass])),
  );
  for (let did = 1; did > 0; ) {
    did = 0;
    for (const pass of passes) did += await pass();
  }
}

/** A connection at a time, as accounting's role or as the administrator. */
async function poolIn(who: "accounting" | "admin"): Promise<pg.Pool> {
  const [row] = await app.owner<{ name: string }>("select current_database() as name");
  const admin = { ...(await testServer()).admin, database: row?.name ?? "" };
  const installation = { admin, rolePrefix: ROLE_PREFIX, roleSecret: ROLE_SECRET, demo: true };
  const connection = who === "admin" ? admin : connectionOf(installation, who);
  return openPool(connection, { schema: "accounting", size: 1, name: "killed", onError: () => {} });
}

async function findingsOfVerify(): Promise<string[]> {
  const pool = await poolIn("admin");
  const { findings } = await verifyBooks(sqlOn(pool));
  await pool.end();
  return findings;
}

/** Closes period 1 on a session that the server ends at a statement of it; BEGIN and COMMIT are statements, too. */
async function closeKilledAt(pool: pg.Pool, nth: number, when: "before" | "behind"): Promise<string> {
  const accounting = app.app.services.get("accounting");
  assert(accounting);
  let statements = 0;
  const client = await pool.connect();
  const query = client.query.bind(client) as unknown as (...args: unknown[]) => Promise<unknown>;
  const [session] = (await client.query("select pg_backend_pid() as pid")).rows as { pid: number }[];
  const kill = () => app.owner("select pg_terminate_backend($1, 5000)", [session?.pid]);
  const killing = {
    query: async (...args: unknown[]) => {
      const last = ++statements === nth;
      if (last && when === "before") await kill();
      const result = await query(...args);
      if (last && when === "behind") {
        await kill();
        throw Object.assign(new Error("Connection terminated"), { code: "57P01" });
      }
      return result;
    },
    release: (broken?: boolean) => client.release(broken),
  };
  const transact = createTransact({
    ...{ service: "accounting", pool: { connect: async () => killing } as unknown as pg.Pool },
    ...{ publishes: new Set(accounting.service.publishes), onEmitted: () => {}, tools: () => accounting.tools },
  });
  const origin = {
    correlationId: uuidv7(),
    actor: "system:close" as const,
    command: "billing.close",
    traceparent: null,
  };
  return await transact(origin, (ctx) => closeBooks(ctx, 1)).then(
    (closed) => (closed ? "closed" : "nothing to do"),
    (error: unknown) => {
      if (isTransient(error)) return "killed";
      throw error;
    },
  );
}

const nothing = { statements: 0, closings: 0, payouts: 0, events: 0, shut: 0 };

/** What a close has left in the books. */
async function traces() {
  const [row] = await app.owner<typeof nothing>(
    `select (select count(*) from accounting.statement) as statements, (select count(*) from accounting.closing) as closings,
            (select count(*) from accounting.posting where kind = 'payout') as payouts,
            (select count(*) from accounting.outbox) as events,
            (select count(*) from accounting.period where closed_at is not null) as shut`,
  );
  return row as typeof nothing;
}
