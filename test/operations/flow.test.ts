/** What operators are told of the event flow, against the whole product. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../kit/app.ts";

let app: TestApp;
let taskId: string;

type Shown = { id: string; source: string; type: string; correlationId: string; causationId: string | null };
type Heard = Shown & { consumers: { service: string; consumer: string; state: string }[] };

before(async () => {
  app = await startTestApp({ loops: false });
  const created = await app.as("manager").post("/tasks", { title: "Water the palms" });
  assert.equal(created.status, 201);
  taskId = created.body.id;
});
after(() => app.stop());

test("what is committed and not yet logged counts as outbox, then as lag of those who have not heard it", async () => {
  const outbox = await app.as("admin").get("/flow");
  const tasks = outbox.body.services.find((one: { name: string }) => one.name === "tasks");
  assert.equal(outbox.status, 200);
  assert(tasks.outbox > 0);
  assert(tasks.outboxSeconds >= 0);
  await app.settle();

  const { body } = await app.as("admin").get("/flow/events?source=tasks");
  const event = body.items.at(-1) as Heard;
  assert.deepEqual(
    event.consumers.map(({ state }) => state),
    event.consumers.map(() => "applied"),
  );
});

test("the figures are reckoned once for all who look within five seconds", async () => {
  const [one, other] = await Promise.all([app.as("admin").get("/flow"), app.as("admin").get("/flow")]);
  assert.deepEqual(one.body, other.body);
});

test("events are found by their key, their type, and without the types that are left out", async () => {
  await app.settle();
  const admin = app.as("admin");
  const ofTask = (await admin.get(`/flow/events?key=${taskId}`)).body.items as Shown[];
  assert(ofTask.some(({ type }) => type === "task.assigned"));
  const assigned = (await admin.get("/flow/events?type=task.assigned")).body.items as Shown[];
  assert(assigned.length > 0 && assigned.every(({ type }) => type === "task.assigned"));
  const others = (await admin.get("/flow/events?except=task.assigned,task.created")).body.items as Shown[];
  assert(others.length > 0 && others.every(({ type }) => type !== "task.assigned" && type !== "task.created"));
  const first = (await admin.get("/flow/events?limit=3")).body;
  const second = (await admin.get(`/flow/events?limit=3&cursor=${first.nextCursor}`)).body;
  const ids = [...first.items, ...second.items].map(({ id }: Shown) => id);
  assert.equal(new Set(ids).size, 6);
});

test("events are found by the time at which they were logged", async () => {
  const { items } = (await app.as("admin").get("/flow/events?limit=500")).body as {
    items: (Shown & { loggedAt: string })[];
  };
  const middle = items[items.length >> 1]?.loggedAt ?? "";
  const found = async (range: string) =>
    (await app.as("admin").get(`/flow/events?limit=500&${range}=${middle}`)).body.items.map(({ id }: Shown) => id);
  const idsWhere = (fits: (loggedAt: string) => boolean) =>
    items.filter(({ loggedAt }) => fits(loggedAt)).map(({ id }) => id);
  // What is answered is cut to ms; what was logged within that ms stands on the later side.
  assert.deepEqual(
    await found("from"),
    idsWhere((at) => at >= middle),
  );
  assert.deepEqual(
    await found("until"),
    idsWhere((at) => at < middle),
  );
  assert.equal((await app.as("admin").get("/flow/events?from=yesterday")).status, 400);
});

test("a trace holds everything that goes back to one command, whichever of its ids is asked for", async () => {
  await app.settle();
  const admin = app.as("admin");
  const [event] = (await admin.get(`/flow/events?type=entry.posted`)).body.items as Shown[];
  assert(event?.causationId);
  const trace = await admin.get(`/traces/${event.id}`);
  assert.equal(trace.status, 200);
  assert.equal(trace.body.correlationId, event.correlationId);
  assert(trace.body.events.some(({ id }: Shown) => id === event.causationId));
  assert.deepEqual((await admin.get(`/traces/${event.correlationId}`)).body, trace.body);
});

test("an event that could not be applied is shown as put aside", async () => {
  const { body } = await app.as("admin").get(`/flow/events?source=tasks&key=${taskId}&limit=1`);
  const [event] = body.items as (Heard & { partition: number; position: number; key: string })[];
  const heard = event?.consumers[0];
  assert(event && heard);
  await app.sql(heard.service)(
    `insert into dead_letter (id, consumer, source, partition, position, epoch, key, type, event_id, status, reason, event)
     values (gen_random_uuid(), $1, $2, $3, $4, 1, $5, $6, $7, 'dead', 'poison', '{}')`,
    [heard.consumer, event.source, event.partition, event.position, event.key, event.type, event.id],
  );
  const again = (await app.as("admin").get(`/flow/events?source=tasks&key=${taskId}&limit=1`)).body.items[0] as Heard;
  const state = again.consumers.find(
    ({ consumer, service }) => consumer === heard.consumer && service === heard.service,
  );
  assert.equal(state?.state, "put-aside");
});

test("an id of nothing is answered as not found; who is no admin sees none of it", async () => {
  assert.equal(
    (await app.as("admin").get("/traces/019b0000-0000-7000-8000-000000000000")).body.code,
    "trace-not-found",
  );
  for (const path of ["/flow", "/flow/events", `/traces/${taskId}`]) {
    assert.equal((await app.as("worker1").get(path)).status, 403, path);
  }
});
