/** A consumer that a later version brings begins with the present state where the log was shortened, if that is all it needs. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { allContracts } from "../../src/app/services.ts";
import { type OpenLog, postgresLog } from "../../src/platform/log.ts";
import { rebuild } from "../../src/platform/rebuild.ts";
import type { Consumer, Service, Sql } from "../../src/platform/service.ts";
import { listDetails, saveDetails } from "../../src/services/accounting/pay-details-store.ts";
import { link } from "../../src/services/auth/identities.ts";
import { pino } from "pino";
import { type Shortened, shortenedCompany } from "./shortened.ts";

let company: Shortened;
before(async () => {
  company = await shortenedCompany();
});
after(() => company?.stop());

const serviceOf = (name: string): Service =>
  company.services.find((service) => service.name === name) ?? assert.fail(name);
const consumerOf = (service: string, name: string): Consumer =>
  serviceOf(service).consumers.find((consumer) => consumer.name === name) ?? assert.fail(name);
/** The service with this consumer only, in a process of its own. */
const alone = (service: string, consumer: Consumer) =>
  company.copyOf({ ...serviceOf(service), consumers: [consumer], jobs: [] });
const passOf = (service: string, consumer: Consumer) =>
  alone(service, consumer).parts.get(`consumer:${consumer.name}`) ?? assert.fail();

const part = (service: string, name: string) =>
  (company.app.app.services.get(service)?.parts.get(name) ?? assert.fail(`${service} ${name}`))();

const replicaOf = async (sql: Sql) => ({
  people: await sql("select * from person order by user_id"),
  tokens: await sql("select * from personal_token order by token_id"),
  names: await sql("select * from person_identity order by identity"),
});
const forget = async (service: string) => {
  for (const table of ["person", "personal_token", "person_identity"])
    await company.app.owner(`delete from ${service}.${table}`);
};

test("whoever begins with the state of a source finds it told there, in valid events of the newest versions", async () => {
  const { services, app } = company;
  for (const { consumers } of services) {
    for (const { name, source } of consumers.filter(({ fromState }) => fromState))
      assert(serviceOf(source).tellsState, `${name} needs the state of ${source}`);
  }
  const { userId } = (await app.as("admin").post("/users", { login: "whole", name: "Whole", roles: ["manager"] })).body;
  const auth = app.app.services.get("auth") ?? assert.fail();
  await auth.tools.transact("user.link", "system:test", (ctx) => link(ctx, userId, "https://other.test whole"));
  await app.as("whole").post("/my/tokens", { name: "kept", scopes: ["tasks", "account"], days: 3 });
  const { tokenId } = (await app.as("whole").post("/my/tokens", { name: "gone", scopes: ["tasks"], days: 3 })).body;
  await app.as("whole").delete(`/my/tokens/${tokenId}`);
  await app.as("admin").post("/users", { login: "left", name: "Left", roles: ["manager"] });
  await app.as("admin").patch(`/users/${app.people["early1"]}`, { status: "inactive" });
  assert.equal((await app.as("admin").post(`/users/${app.people["early1"]}/erase`)).status, 200);
  const newest = new Map(serviceOf("auth").publishes.map((contract) => [contract.type, contract]));
  const told = new Set<string>();
  for (const { type, version, key, data } of await app.owner<{
    type: string;
    version: number;
    key: string;
    data: Record<string, unknown>;
  }>("select * from auth.state")) {
    const contract = newest.get(type) ?? assert.fail(type);
    assert.equal(version, contract.version);
    assert.equal(contract.writeProblem(data), null);
    assert.equal(key, data[contract.key ?? assert.fail()]);
    told.add(type);
  }
  // `user.created` says no more than a `user.updated`.
  assert.deepEqual([...told, "user.created"].sort(), [...newest.keys()].sort());
  await app.settle();
});

test("a new consumer of people's events knows what the others know, and goes on with what follows", async () => {
  const { app } = company;
  await forget("analytics");
  const onUser = { ...consumerOf("analytics", "on-user"), name: "on-user-anew" };
  const pass = passOf("analytics", onUser);
  // In the outbox when it begins: told by the state, and once more by the log.
  await app.as("admin").patch(`/users/${app.people["early2"]}`, { name: "Told twice" });
  await pass();
  const [known] = await app.sql("analytics")("select name from person where user_id = $1", [app.people["early2"]]);
  assert.deepEqual(known, { name: "Told twice" });
  await app.as("admin").patch(`/users/${app.people["early3"]}`, { roles: ["manager", "accountant"] });
  await app.join({ login: "late", roles: ["manager"] });
  await part("auth", "sequencer");
  for (const hear of [pass, () => part("notifications", "consumer:on-user")]) while ((await hear()) > 0);
  const [anew, throughout] = await Promise.all(["analytics", "notifications"].map((name) => replicaOf(app.sql(name))));
  assert.deepEqual(anew, throughout);
  assert.deepEqual([anew?.tokens.length, anew?.names.length], [2, 1]);
});

test("a new consumer that needs the past stops, and is not told that it has missed nothing", async () => {
  const { fromState: _, ...needsAll } = consumerOf("analytics", "on-user");
  const pass = passOf("analytics", { ...needsAll, name: "on-user-of-old" });
  await assert.rejects(pass, /on-user-of-old has read up to 0 in partition 0 of auth, but its log begins at \d+/);
  await company.app.owner("delete from analytics.cursor where consumer = 'on-user-of-old'");
});

test("what follows from people follows from the state: waiting tasks are drawn, accounts opened, erased people forgotten", async () => {
  const { app } = company;
  assert.equal((await app.as("manager").post("/tasks/import", { titles: ["One", "Two", "Three"] })).body.created, 3);
  await app.settle();
  const waiting = await app.sql("tasks")("select task_id from task where assignee_id is null");
  // Whoever can be drawn came when nobody listened.
  const worker = await app.join({ login: "worker", roles: ["worker"] });
  const { userId: gone } = (await app.as("admin").post("/users", { login: "gone", name: "Gone", roles: ["worker"] }))
    .body;
  const details = { userId: gone, iban: "DE02120300000000202051", holder: "Gone", at: new Date() };
  await saveDetails(app.sql("accounting"), details);
  await app.as("admin").patch(`/users/${gone}`, { status: "inactive" });
  assert.equal((await app.as("admin").post(`/users/${gone}/erase`)).status, 200);
  await part("auth", "sequencer");
  for (const [service, name] of [
    ["tasks", "on-user-changed"],
    ["accounting", "on-user"],
    ["accounting", "on-user-erased"],
  ] as const) {
    const consumer = consumerOf(service, name);
    await passOf(service, { ...consumer, name: `${name}-anew` })();
  }
  const drawn = await app.sql("tasks")("select distinct assignee_id as id from task");
  assert.deepEqual([waiting.length, drawn], [3, [{ id: worker }]]);
  assert.equal((await app.sql("accounting")("select from account where user_id = $1", [worker])).length, 1);
  assert.deepEqual(await listDetails(app.sql("accounting"), gone, 1), []);
  const said = await app.sql("tasks")<{ causes: number; correlations: number; count: number }>(
    `select count(*)::int as count, count(causation_id)::int as causes, count(distinct correlation_id)::int as correlations
       from outbox where type = 'task.assigned'`,
  );
  assert.deepEqual(said, [{ count: 3, causes: 0, correlations: 1 }]);
  await app.settle();
});

test("a projection whose shortened sources tell their state is rebuilt", async () => {
  const { app, services } = company;
  const peopleOnly = { ...serviceOf("analytics"), consumers: [consumerOf("analytics", "on-user")] };
  const before = await app.sql("analytics")("select * from person order by user_id");
  const openLog: OpenLog = (source, own) => postgresLog(own, source);
  await rebuild(app.app.homes.of("analytics").installation, peopleOnly, {
    ...{ log: pino({ level: "silent" }), contracts: allContracts(services), openLog, onProgress: () => {} },
  });
  assert.deepEqual(await app.sql("analytics")("select * from person order by user_id"), before);
});
