/** A cluster that lets in only who comes encrypted and by name. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Brokers, startBrokers } from "../../cluster/brokers.ts";
import { connectionTo } from "../../src/app/kafka.ts";
import { readConfig } from "../../src/config.ts";
import { describeTopic, makeTopic, openTopic, openTopicWriter } from "../../src/platform/kafka/topic.ts";
import { until } from "../kit/until.ts";
import { skip } from "./brokers.ts";

let folder: string;
let brokers: Brokers;
before(async () => {
  if (skip !== false) return;
  folder = await mkdtemp(join(tmpdir(), "popug-secured-"));
  const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")];
  const who = ["-subj", "/CN=popug.test", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...files, ...who], { stdio: "ignore" });
  const [certificate, key] = ["cert.pem", "key.pem"].map((name) => readFileSync(join(folder, name), "utf8"));
  assert(certificate && key);
  brokers = await startBrokers(join(folder, "kafka"), {
    secured: { certificate, key, user: "popug", password: "parrot" },
  });
});
after(async () => {
  await brokers?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** As the settings name it. */
function connection(more: Record<string, string>) {
  const { kafka } = readConfig(
    {},
    {
      KAFKA_BROKERS: brokers.addresses,
      POPUG_KAFKA_TLS: "1",
      POPUG_KAFKA_CA: join(folder, "cert.pem"),
      POPUG_KAFKA_USER: "popug",
      POPUG_KAFKA_PASSWORD: "parrot",
      ...more,
    },
  );
  assert(kafka);
  return connectionTo(kafka);
}

for (const mechanism of ["plain", "scram-sha-512"]) {
  test(`topics are made, written and read over TLS with ${mechanism}`, { skip }, async () => {
    const settings = connection({ POPUG_KAFKA_SASL: mechanism, POPUG_KAFKA_PREFIX: mechanism });
    assert.equal(await makeTopic(settings, "notes"), true);
    await until(async () => (await describeTopic(settings, "notes"))?.problems.length === 0 || undefined, {
      ...{ withinMs: 30_000, everyMs: 100, late: () => "the topic is not as it has to be" },
    });
    const writer = openTopicWriter(settings, "notes");
    const topic = openTopic(settings, "notes");
    const event = {
      ...{ id: "01a2156f-3479-7529-a3b0-658d85038ae7", source: "notes", type: "note.written", version: 1, key: "a" },
      ...{ partition: 3, position: 1, epoch: 1, time: new Date(0), period: null, control: null, traceparent: null },
      ...{ correlationId: "01a2156f-3479-7529-a3b0-658d85038ae8", causationId: null, cause: null },
      ...{ actor: "system:test" as const, command: "test.write", data: { text: "Grüße" } },
    };
    await writer.append([event]);
    const read = await topic.read(new Map([[3, 0n]]));
    assert.deepEqual(
      read.get(3)?.records.map((record) => record.event),
      [event],
    );
    await writer.close();
    await topic.close();
  });
}

test("a wrong password, no name, and a certificate that nobody trusts are not let in", { skip }, async () => {
  await assert.rejects(makeTopic(connection({ POPUG_KAFKA_SASL: "plain", POPUG_KAFKA_PASSWORD: "cuckoo" }), "notes"));
  await assert.rejects(
    makeTopic(connection({ POPUG_KAFKA_SASL: "scram-sha-512", POPUG_KAFKA_PASSWORD: "cuckoo" }), "notes"),
  );
  await assert.rejects(makeTopic(connection({ POPUG_KAFKA_USER: "", POPUG_KAFKA_PASSWORD: "" }), "notes"));
  await assert.rejects(makeTopic(connection({ POPUG_KAFKA_SASL: "plain", POPUG_KAFKA_CA: "" }), "notes"));
});
