/** Which databases a process is told of; what cannot work is refused with a sentence. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { partOf } from "../../src/app/processes.ts";
import { allServices } from "../../src/app/services.ts";
import { readConfig } from "../../src/config.ts";

const url = (name: string) => `postgres://popug:secret@${name}.example/popug`;
const all = { AUTH: "auth", TASKS: "tasks", ACCOUNTING: "books", ANALYTICS: "figures", NOTIFICATIONS: "post" };
const each = Object.fromEntries(Object.entries(all).map(([service, host]) => [`DATABASE_URL_${service}`, url(host)]));
const part = (env: Record<string, string>, services?: string) => {
  const config = readConfig({ services }, env);
  return partOf(config, allServices(config.settings));
};

test("a service lives in a database of its own, the others in the one of all", () => {
  assert.deepEqual(readConfig({}, { DATABASE_URL: url("all"), DATABASE_URL_TASKS: url("tasks") }).databases, {
    shared: url("all"),
    own: { tasks: url("tasks") },
  });
  assert.equal(part(each).here.length, 5);
  const alone = { ...each, POPUG_PUBLIC_URL: "http://localhost:7070", POPUG_UPSTREAMS: "auth=http://10.0.0.1:7070" };
  assert.deepEqual(
    part(alone, "tasks").here.map(({ name }) => name),
    ["tasks"],
  );
});

test("a service without a database, a database without a service, and an address that is none are refused", () => {
  const { DATABASE_URL_TASKS: _, ...four } = each;
  assert.throws(() => part(four), /tasks has no database: set DATABASE_URL/);
  assert.throws(() => part({ DATABASE_URL_TASKS: url("tasks") }), /auth and accounting .* have no database/);
  assert.throws(() => part({ ...each, DATABASE_URL_BIRDS: url("birds") }), /There is no service "birds"/);
  assert.throws(() => part({ DATABASE_URL_TASKS: "tasks.example" }), /DATABASE_URL_TASKS is not a URL/);
  assert.throws(() => part({ DATABASE_URL_TASKS: "https://x.example/popug" }), /DATABASE_URL_TASKS has to begin with/);
  assert.throws(() => part({ DATABASE_URL_TASKS: "postgres://x.example" }), /DATABASE_URL_TASKS names no database/);
  assert.throws(() => part({}, "tasks"), /set DATABASE_URL/);
});

test("a Kafka cluster is named by its brokers, with what it takes to be let in", () => {
  assert.equal(readConfig({}, {}).kafka, null);
  const KAFKA_BROKERS = "10.0.0.1:9092, kafka-2.example:9092";
  assert.deepEqual(readConfig({}, { KAFKA_BROKERS }).kafka, {
    ...{ brokers: ["10.0.0.1:9092", "kafka-2.example:9092"], prefix: "popug", tls: null, sasl: null },
  });
  const sasl = { POPUG_KAFKA_SASL: "scram-sha-512", POPUG_KAFKA_USER: "popug", POPUG_KAFKA_PASSWORD: "secret" };
  assert.deepEqual(readConfig({}, { KAFKA_BROKERS, ...sasl, POPUG_KAFKA_TLS: "1" }).kafka?.sasl, {
    ...{ mechanism: "SCRAM-SHA-512", username: "popug", password: "secret" },
  });
  for (const [env, says] of [
    [{ KAFKA_BROKERS: "kafka.example" }, /KAFKA_BROKERS has "kafka.example"/],
    [{ POPUG_KAFKA_TLS: "1" }, /POPUG_KAFKA_TLS is about a cluster that KAFKA_BROKERS has to name/],
    [{ KAFKA_BROKERS, ...sasl, POPUG_KAFKA_SASL: "plain" }, /would send the password as it is/],
    [{ KAFKA_BROKERS, ...sasl, POPUG_KAFKA_SASL: "gssapi" }, /has to be plain, scram-sha-256 or scram-sha-512/],
    [{ KAFKA_BROKERS, POPUG_KAFKA_SASL: "scram-sha-256" }, /needs POPUG_KAFKA_USER/],
    [{ KAFKA_BROKERS, POPUG_KAFKA_CERT: "/dev/null" }, /belong together/],
    [{ KAFKA_BROKERS, POPUG_KAFKA_CA: "/dev/null" }, /but no TLS: set POPUG_KAFKA_TLS=1/],
    [{ KAFKA_BROKERS, POPUG_KAFKA_CA: "/nowhere" }, /POPUG_KAFKA_CA: \/nowhere cannot be read/],
    [{ KAFKA_BROKERS, POPUG_KAFKA_PREFIX: "a b" }, /POPUG_KAFKA_PREFIX/],
  ] as const) {
    assert.throws(() => readConfig({}, env), says);
  }
});
