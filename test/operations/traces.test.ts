/** Traces as a backend receives them: an OTLP receiver over HTTP, the product, and what one request led to. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { pino } from "pino";
import { readConfig } from "../../src/config.ts";
import { openTraces } from "../../src/platform/tracing.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { until } from "../kit/until.ts";
import { type Receiver, type ReceivedSpan, startReceiver } from "./otlp-receiver.ts";

let receiver: Receiver;
let app: TestApp;
before(async () => {
  receiver = await startReceiver();
  app = await startTestApp({ config: { traces: { endpoint: receiver.url, share: 1 } } });
});
after(async () => {
  await app?.stop();
  await receiver?.stop();
});

const log = pino({ level: "silent" });
const SPAN = "b7ad6b7169203331";
const newTrace = () => randomBytes(16).toString("hex");

/** Waits for a span of the trace, and for all that had ended before it. */
async function received(traceId: string, name: string): Promise<ReceivedSpan[]> {
  await until(async () => receiver.of(traceId).find((span) => span.name === name), {
    ...{ withinMs: 30_000, everyMs: 50 },
    late: () => `no span "${name}" among ${receiver.of(traceId).map((span) => span.name)}`,
  });
  return receiver.of(traceId);
}

/** Where a span comes from: itself, what led to it, and so on. */
function upwards(spans: readonly ReceivedSpan[], from: ReceivedSpan): ReceivedSpan[] {
  const parent = spans.find((span) => span.spanId === from.parentSpanId);
  return parent === undefined ? [from] : [from, ...upwards(spans, parent)];
}

const named = (spans: readonly ReceivedSpan[], service: string, name: string) =>
  spans.filter((span) => span.service === service && span.name === name);

async function finishOneTask(headers?: Record<string, string>): Promise<void> {
  const { body: task } = await app.as("manager").post("/tasks", { title: "Trace a feather" });
  const assignee = Object.keys(app.people).find((login) => app.people[login] === task.assigneeId) ?? "";
  const done = await app.as(assignee).post(`/tasks/${task.id}/complete`, {}, headers);
  assert.equal(done.status, 200, JSON.stringify(done.body));
  await app.settle();
}

test("a request begins a trace: its event waits in the outbox and in the log, is booked, and what is booked is heard", async () => {
  const traceId = newTrace();
  await finishOneTask({ traceparent: `00-${traceId}-${SPAN}-01` });
  const spans = await received(traceId, "on-entry-posted");
  const [command] = named(spans, "popug-tasks", "POST /api/tasks/:taskId/complete");
  assert.equal(command?.parentSpanId, SPAN, "the trace of whoever asked goes on");
  assert.equal(command?.attributes["http.response.status_code"], "200");
  const booking = named(spans, "popug-accounting", "on-task").find(
    (span) => span.attributes["popug.event"] === "task.updated",
  );
  assert(booking, "the booking");
  assert.equal(booking.parentSpanId, command.spanId);
  const id = booking.attributes["messaging.message.id"];
  const [outbox] = named(spans, "popug-tasks", "outbox").filter(
    (span) => span.attributes["messaging.message.id"] === id,
  );
  const [queue] = named(spans, "popug-accounting", "queue on-task").filter(
    (span) => span.attributes["messaging.message.id"] === id,
  );
  assert(outbox && queue, "both waits are there");
  assert.deepEqual([outbox.parentSpanId, queue.parentSpanId], [command.spanId, command.spanId]);
  assert(outbox.start >= command.start - 1 && outbox.end >= outbox.start, "it waits in the outbox from its making on");
  assert(queue.end - booking.start < 5 && queue.start <= queue.end, "it waits for the consumer until that begins");
  const [heard] = named(spans, "popug-notifications", "on-entry-posted");
  assert.equal(heard?.parentSpanId, booking.spanId, "what the booking says belongs to it");
});

test("one trace leads from the request to close the day over three logs to the payout that is booked and the mail", async () => {
  await finishOneTask();
  const traceId = newTrace();
  const { body: periods } = await app.as("accountant").get("/periods");
  const { number } = periods.items.find((period: { status: string }) => period.status === "open");
  const headers = { traceparent: `00-${traceId}-${SPAN}-01` };
  assert.equal((await app.as("accountant").post(`/periods/${number}/close`, {}, headers)).status, 202);
  const spans = await received(traceId, "mail payslip");
  const [mail] = named(spans, "popug-notifications", "mail payslip");
  assert(mail);
  assert.deepEqual(
    upwards(spans, mail).map((span) => `${span.service} ${span.name}`),
    [
      "popug-notifications mail payslip",
      "popug-notifications on-billing-closed",
      "popug-accounting on-task",
      "popug-tasks on-billing-close-requested",
      "popug-accounting POST /api/periods/:number/close",
    ],
  );
  const paid = named(spans, "popug-notifications", "on-entry-posted");
  assert(paid.length > 0, "the payouts that the close books are in it");
  for (const span of [...paid, ...named(spans, "popug-notifications", "on-billing-closed")]) {
    const id = span.attributes["messaging.message.id"];
    const waits = spans.filter((one) => one.attributes["messaging.message.id"] === id && one.spanId !== span.spanId);
    const names = new Set(waits.map((wait) => wait.name));
    assert(names.has("outbox") && names.has(`queue ${span.name}`), `${span.name} has its waits: ${[...names]}`);
  }
  assert(
    spans.every(({ attributes }) => !JSON.stringify(attributes).includes("@popug.test")),
    "no span names a person",
  );
});

test("a request that says it is not followed is not, whatever follows from it", async () => {
  const [silent, told] = [newTrace(), newTrace()];
  await finishOneTask({ traceparent: `00-${silent}-${SPAN}-00` });
  await finishOneTask({ traceparent: `00-${told}-${SPAN}-01` });
  await received(told, "on-entry-posted");
  assert.deepEqual(receiver.of(silent), []);
});

test("of one trace only the first few events of a batch are told, so that the end of a day is no flood", async () => {
  const traceId = newTrace();
  const titles = Array.from({ length: 120 }, (_, n) => `Feather ${n}`).join("\n");
  const answer = await app.as("manager").post(
    "/tasks/import",
    { csv: `title\n${titles}\n` },
    {
      traceparent: `00-${traceId}-${SPAN}-01`,
    },
  );
  assert(answer.status < 300, JSON.stringify(answer.body));
  await app.settle();
  const spans = await received(traceId, "on-task");
  const logged = named(spans, "popug-tasks", "outbox").length;
  assert(logged > 0 && logged < 120, `${logged} waits in the outbox`);
});

test("of the traces that begin here the wished share is told", async () => {
  for (const share of [0, 1]) {
    const traces = openTraces({ endpoint: receiver.url, share }, "1", log);
    assert.equal(traces.of("tasks").command("POST /api/tasks", null, {}) !== undefined, share === 1);
    await traces.stop();
  }
});

test("a backend that does not answer holds up neither the work nor, for more than two seconds, the end", async () => {
  // Nobody listens on port 1.
  const traces = openTraces({ endpoint: "http://127.0.0.1:1", share: 1 }, "1", log);
  traces.of("tasks").command("POST /api/tasks", null, {})?.end();
  const begun = performance.now();
  await traces.stop();
  assert(performance.now() - begun < 5_000);
});

test("where traces go is checked at the start, and without an address none are told", () => {
  assert.equal(readConfig({}, {}).traces, null);
  assert.deepEqual(readConfig({}, { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318/" }).traces, {
    endpoint: "http://127.0.0.1:4318",
    share: 1,
  });
  assert.throws(() => readConfig({}, { OTEL_EXPORTER_OTLP_ENDPOINT: "4318" }), /it looks like http/);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318", OTEL_TRACES_SAMPLER_ARG: "2" };
  assert.throws(() => readConfig({}, env), /OTEL_TRACES_SAMPLER_ARG is "2"/);
});
