/** What Prometheus reads of a process. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { readConfig } from "../../src/config.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { notes } from "../platform/small.ts";

const metrics = { host: "127.0.0.1", port: 0 };
let app: TestApp;
before(async () => {
  app = await startTestApp({ loops: false, config: { metrics } });
});
after(() => app?.stop());

const address = (of = app) => of.app.notes.find((note) => note.startsWith("Metrics: "))?.replace("Metrics: ", "") ?? "";
const value = (text: string, name: string) =>
  Number(new RegExp(`^${name.replaceAll(/[{}"]/g, "\\$&")} (\\S+)$`, "m").exec(text)?.[1]);

test("lag is told in seconds and events, and what was logged is counted", async () => {
  await app.as("manager").post("/tasks", { title: "Feed the chicks" });
  await app.app.services.get("tasks")?.parts.get("sequencer")?.();
  const answer = await fetch(address());
  assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  const labels = `{service="accounting",consumer="on-task",source="tasks"}`;
  assert(value(text, `popug_consumer_lag_events${labels}`) >= 2);
  assert(value(text, `popug_consumer_lag_seconds${labels}`) > 0);
  assert.equal(value(text, `popug_consumer_halted${labels}`), 0);
  assert.equal(value(text, `popug_part_failing{service="tasks",part="sequencer"}`), 0);
  assert.equal(value(text, `popug_part_failing{service="accounting",part="close"}`), 0);
  assert.equal(value(text, `popug_dead_letters{service="accounting"}`), 0);
  const [row] = await app.owner<{ n: number }>("select count(*) as n from tasks.log");
  assert.equal(value(text, `popug_log_events_total{source="tasks"}`), row?.n);
  assert(value(text, "process_resident_memory_bytes") > 1_000_000);
  // Each line is one of the format: a comment, or a name with labels and a number.
  for (const line of text.trimEnd().split("\n")) {
    assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[\w.-]+",?)+\})? -?\d+(\.\d+)?(e[+-]?\d+)?)$/);
  }
});

test("every metric that a rule or a dashboard asks for is one that is told", async () => {
  const text = await (await fetch(address())).text();
  const told = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name));
  const files = globSync("deploy/helm/popug/files/**/*.{yml,json}");
  assert(files.length >= 3);
  for (const file of files) {
    const asked = new Set(readFileSync(file, "utf8").match(/\b(popug|process)_[a-z_]+\b/g));
    assert(asked.size > 0, `${file} asks for nothing`);
    assert.deepEqual(
      [...asked].filter((name) => !told.has(name)),
      [],
      file,
    );
  }
});

test("a log that does not get to Kafka is told, and so is one into which nothing gets", async () => {
  // Nobody listens on port 1.
  const kafka = { brokers: ["127.0.0.1:1"], prefix: "popug", tls: null, sasl: null };
  const small = await startTestApp({ loops: false, services: [notes()], config: { metrics, kafka } });
  try {
    const parts = small.app.services.get("notes")?.parts;
    const ready = async () => (await (await fetch(`${small.url}/readyz`)).json()) as { problems: string[] };
    const failing = async (part: string) =>
      value(await (await fetch(address(small))).text(), `popug_part_failing{service="notes",part="${part}"}`);
    assert.deepEqual([await ready(), await failing("relay")], [{ ok: true, problems: [] }, 0]);
    await assert.rejects(async () => parts?.get("relay")?.());
    assert.deepEqual(await ready(), { ok: false, problems: ["notes: its log does not get to Kafka"] });
    assert.deepEqual([await failing("relay"), await failing("sequencer")], [1, 0]);
    await small.owner("alter table notes.log_head rename to gone");
    await assert.rejects(async () => parts?.get("sequencer")?.());
    await small.owner("alter table notes.gone rename to log_head");
    assert.equal((await ready()).problems.length, 2);
    await parts?.get("sequencer")?.();
    assert.deepEqual((await ready()).problems, ["notes: its log does not get to Kafka"]);
  } finally {
    await small.stop();
  }
});

test("metrics are at their own address only, and a bad one is refused", async () => {
  assert.equal((await fetch(`${app.url}/metrics`)).status, 404);
  assert.equal((await fetch(address().replace("/metrics", "/"))).status, 404);
  assert.throws(() => readConfig({}, { POPUG_METRICS: "9464" }), /POPUG_METRICS is "9464"; it looks like/);
});
