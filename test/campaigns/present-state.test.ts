/**
 * Beginning with the present state converges for every interleaving: people change, tokens come and go, the sequencer runs,
 * before, between and after each statement of whoever begins. `POPUG_SEED` and `POPUG_RUNS` repeat what failed.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pino } from "pino";
import { allContracts } from "../../src/app/services.ts";
import { onUser } from "../../src/people/replica.ts";
import { createConsumer } from "../../src/platform/consumer.ts";
import { allPartitions } from "../../src/platform/event.ts";
import { postgresLog } from "../../src/platform/log.ts";
import type { RunningService } from "../../src/platform/run-service.ts";
import type { Sql } from "../../src/platform/service.ts";
import { link } from "../../src/services/auth/identities.ts";
import { campaign, type Random, seededRandom } from "../kit/random.ts";
import { type Shortened, shortenedCompany } from "../people/shortened.ts";

const { runs, firstSeed } = campaign(40, 500);

test(`in ${runs} interleavings a replica that began with the state ends as auth and as one that heard all`, async (t) => {
  const begun = performance.now();
  const company = await shortenedCompany();
  const totals = { changes: 0, amid: 0 };
  try {
    for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
      try {
        await interleave(company, seed, totals);
      } catch (error) {
        t.diagnostic(`seed ${seed} (database begun with seed ${firstSeed})`);
        throw error;
      }
    }
  } finally {
    await company.stop();
  }
  assert(totals.amid > runs, `${totals.amid} changes fell between the look at the heads and the commit`);
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  t.diagnostic(
    `seeds ${firstSeed}…${firstSeed + runs - 1}: ${totals.changes} changes, ${totals.amid} of them while it began, ${seconds} s`,
  );
});

async function interleave(company: Shortened, seed: number, totals: { changes: number; amid: number }): Promise<void> {
  const { app } = company;
  const random = seededRandom(seed);
  const service = (name: string): RunningService => app.app.services.get(name) ?? assert.fail(name);
  const [auth, own] = [service("auth"), service("analytics")];
  const part = (name: string, of: string) => service(name).parts.get(of) ?? assert.fail(of);
  // Segments are that small that one pass of the sequencer may fill several.
  await app.owner(
    `select auth.ensure_log_segment((n + (select max(position) / segment_size from auth.log_head)) * segment_size)
       from auth.log_source, generate_series(1, 20) n`,
  );
  const step = async () => {
    if (random.chance(0.3)) return void (await part("auth", "sequencer")());
    if (random.chance(0.1)) return void (await part("notifications", "consumer:on-user")());
    totals.changes++;
    await change(auth, company, random, totals.changes, seed);
  };
  const steps = async (most: number) => {
    for (let n = random.below(most + 1); n > 0; n--) await step();
  };

  // What it knew before: nothing, or the older state that the last run left.
  if (random.chance(0.5))
    for (const table of ["person", "personal_token", "person_identity"]) await own.sql(`delete from ${table}`);
  await steps(8);

  let beginning = true;
  /** Others go on around each statement of the one that begins. */
  const amid =
    (sql: Sql): Sql =>
    async (text, params) => {
      const before = totals.changes;
      if (beginning) await steps(3);
      if (text.includes("auth.state")) revoked ??= await revokedIn(auth.sql);
      const rows = await sql(text, params);
      if (beginning) await steps(3);
      totals.amid += totals.changes - before;
      return rows as never;
    };
  let mine: readonly number[] = allPartitions;
  let revoked: ReadonlySet<string> | undefined;
  const log = postgresLog(amid(own.sql), "auth");
  const runner = createConsumer({
    consumer: { ...onUser, name: `on-user-${seed}` },
    // Few at a time, so that what belongs together is met apart.
    reader: { ...log, read: (places, types, limit) => log.read(places, types, Math.min(limit, 1 + random.below(2))) },
    sql: own.sql,
    transact: (origin, work) => own.transact(origin, (ctx) => work({ ...ctx, sql: amid(ctx.sql) })),
    log: pino({ level: "silent" }),
    versions: allContracts(company.services),
    partitions: () => mine,
  });
  await runner.pass();
  beginning = false;

  let known = new Map<string, number>();
  /** Nobody becomes an older self again, no token that was revoked when the state was told opens anything. */
  const look = async () => {
    const people = await own.sql<{ id: string; version: number }>("select user_id as id, version from person");
    for (const { id, version } of people) assert(version >= (known.get(id) ?? 0), `${id} went back to ${version}`);
    known = new Map(people.map(({ id, version }) => [id, version]));
    const open = await own.sql<{ id: string }>(
      "select token_id as id from personal_token join person using (user_id) where active and not revoked",
    );
    for (const { id } of open) assert(!revoked?.has(id), `token ${id} opens again`);
  };
  await look();
  for (let round = random.below(12); round > 0; round--) {
    await steps(3);
    mine = allPartitions.filter(() => random.chance(0.4));
    await runner.pass();
    await look();
  }
  mine = allPartitions;
  const passes = [part("auth", "sequencer"), part("notifications", "consumer:on-user"), runner.pass];
  for (const pass of passes) while ((await pass()) > 0);
  await look();

  const heardAll = await stateOf(service("notifications").sql);
  assert.deepEqual(await stateOf(own.sql), heardAll, "as one that heard all from the beginning");
  assert.deepEqual(heardAll, await stateOf(auth.sql), "as auth");
}

/**
 * What a service, auth or another, answers requests by. Instants as events tell them. Auth deletes the tokens of somebody
 * erased; who knew of one before still has it, and it opens nothing, since its owner is not active.
 */
const stateOf = async (sql: Sql) => ({
  people: await sql(
    `select user_id, login, name, email, roles, language, active, version, date_trunc('milliseconds', valid_from) as since
       from person order by user_id`,
  ),
  tokens: await sql(
    `select token_id, user_id, hash, scopes, date_trunc('milliseconds', expires_at) as until
       from personal_token join person using (user_id) where active and not revoked order by token_id`,
  ),
  names: await sql("select identity, user_id from person_identity order by identity"),
});

const revokedIn = async (auth: Sql): Promise<ReadonlySet<string>> =>
  new Set((await auth<{ id: string }>("select token_id as id from personal_token where revoked")).map(({ id }) => id));

/** One command of somebody, as it comes; few of them, so that one change follows another of the same person. */
async function change(
  auth: RunningService,
  { app }: Shortened,
  random: Random,
  n: number,
  seed: number,
): Promise<void> {
  const people = await auth.sql<{ userId: string; login: string; status: string; erased: boolean }>(
    `select user_id as "userId", login, status, erased_at is not null as erased from users
      where login <> 'admin' order by md5(user_id || $1::text) limit 6`,
    [seed],
  );
  const { userId, login, status, erased } = random.pick(people);
  const kind = random.below(10);
  if (kind === 0 && random.chance(0.3)) await app.join({ login: `new${n}`, roles: ["worker"] });
  else if (kind === 1)
    await auth.tools.transact("user.link", "system:test", (ctx) => link(ctx, userId, `https://other.test ${n}`));
  else if (erased) return;
  else if (kind <= 3) await patch(app, userId, { status: status === "active" ? "inactive" : "active" });
  else if (status === "inactive" && kind === 4) await app.as("admin").post(`/users/${userId}/erase`);
  else if (status === "active" && kind <= 6)
    await app.as(login).post("/my/tokens", { name: "n", scopes: ["tasks"], days: 9 });
  else if (status === "active" && kind <= 8) {
    const { items } = (await app.as(login).get("/my/tokens")).body;
    if (items.length > 0) await app.as(login).delete(`/my/tokens/${random.pick<{ tokenId: string }>(items).tokenId}`);
  } else await patch(app, userId, { name: `Name ${n}` });
}

async function patch(app: Shortened["app"], userId: string, body: object): Promise<void> {
  const answer = await app.as("admin").patch(`/users/${userId}`, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
}
