/** What operators do takes effect once, like every other command. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { v7 as uuidv7 } from "uuid";
import { startTestApp, type TestApp } from "../kit/app.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp({ loops: false });
});
after(() => app.stop());

/** An event of this consumer that could not be applied. */
async function deadLetter(service: string, consumer: string, position: number): Promise<string> {
  const id = uuidv7();
  await app.owner(
    `insert into ${service}.dead_letter (id, consumer, source, partition, position, epoch, key, type, event_id, status, reason, event)
     values ($1, $2, 'accounting', 0, $3, 1, 'x', 'x.happened', gen_random_uuid(), 'dead', 'was wrong', '{"data": {}}')`,
    [id, consumer, position],
  );
  return `/dead-letters/${service}/${id}`;
}

const said = ({ status, body }: { status: number; body: unknown }) => [status, body];
const refused = ({ status, body }: { status: number; body: { code: string } }) => [status, body.code];

test("a redrive and a discard that are sent again with their keys are answered as before, and do nothing more", async () => {
  const letter = await deadLetter("notifications", "on-entry-posted", 1);
  const admin = app.as("admin");
  const redrive = (data: unknown, key?: string) =>
    admin.post(`${letter}/redrive`, { data }, key === undefined ? {} : { "idempotency-key": key });
  const discard = (key?: string) =>
    admin.post(`${letter}/discard`, { reason: "not worth it" }, key === undefined ? {} : { "idempotency-key": key });

  assert.deepEqual(said(await redrive({ was: "mended" }, "redrive-1")), [202, { requested: true }]);
  assert.deepEqual(refused(await redrive({ was: "other" }, "redrive-1")), [409, "idempotency-key-reused"]);
  assert.deepEqual(said(await discard("discard-1")), [200, { discarded: true }]);

  assert.deepEqual(said(await redrive({ was: "mended" }, "redrive-1")), [202, { requested: true }]);
  assert.deepEqual(said(await discard("discard-1")), [200, { discarded: true }]);
  assert.deepEqual(refused(await redrive({ was: "mended" })), [409, "dead-letter-ended"]);
  assert.deepEqual(refused(await discard()), [409, "dead-letter-ended"]);
  assert.deepEqual(refused(await discard("not a key")), [400, "bad-idempotency-key"]);
});

test("whoever asks twice with one key for a discard about money has still asked once", async () => {
  const letter = await deadLetter("accounting", "on-billing-closed", 2);
  const money = app.app.services.get("accounting")?.service.consumers.find(({ aboutMoney }) => aboutMoney);
  await app.owner("update accounting.dead_letter set consumer = $1", [money?.name]);
  const ask = (headers: Record<string, string>) =>
    app.as("admin").post(`${letter}/discard`, { reason: "booked by hand" }, headers);
  assert.deepEqual(said(await ask({ "idempotency-key": "discard-2" })), [200, { discarded: false }]);
  assert.deepEqual(said(await ask({ "idempotency-key": "discard-2" })), [200, { discarded: false }]);
  assert.deepEqual(refused(await ask({})), [409, "second-person-needed"]);
});

test("the clock is moved once by ten requests with one key, and by each request without", async () => {
  const admin = app.as("admin");
  const ahead = async () =>
    (await app.owner<{ s: number }>("select extract(epoch from clock_ahead)::float8 as s from popug.installation"))[0]
      ?.s;
  const before = (await ahead()) ?? Number.NaN;
  const move = { to: null, bySeconds: 60 };
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => admin.post("/clock", move, { "idempotency-key": "clock-1" })),
  );
  for (const answer of answers) assert.deepEqual(said(answer), [200, answers[0]?.body]);
  assert.equal(await ahead(), before + 60);
  await admin.post("/clock", move);
  assert.equal(await ahead(), before + 120);
  const back = { to: "2020-01-01T00:00:00.000Z" };
  assert.deepEqual(refused(await admin.post("/clock", back, { "idempotency-key": "clock-2" })), [
    400,
    "clock-backwards",
  ]);
  assert.equal((await admin.post("/clock", move, { "idempotency-key": "clock-2" })).status, 200);
});
