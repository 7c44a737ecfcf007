/** The part of the configuration that is about a Kafka cluster. */
import { fileOf, secretOf } from "./config-secrets.ts";
import { StartRefused } from "./platform/start-refused.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export type KafkaSettings = {
  /** Some brokers of the cluster, `host:port`. */
  brokers: string[];
  /** Begins the names of the topics. */
  prefix: string;
  /** PEM; null: plain connections. Without `ca`, those that the machine trusts. */
  tls: { ca?: string; cert?: string; key?: string } | null;
  sasl: { mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512"; username: string; password: string } | null;
};

/** Null: events travel through PostgreSQL. @throws StartRefused naming the variable that cannot work */
export function readKafka(env: Environment): KafkaSettings | null {
  const brokers = (env["KAFKA_BROKERS"] ?? "").split(",").map((broker) => broker.trim());
  if (brokers.join("") === "") {
    const other = Object.keys(env).find((name) => /^POPUG_KAFKA_/.test(name) && env[name]);
    if (other !== undefined) throw new StartRefused(`${other} is about a cluster that KAFKA_BROKERS has to name.`);
    return null;
  }
  const bad = brokers.find((broker) => !/^(\[[0-9a-f:]+\]|[\w.-]+):\d{1,5}$/i.test(broker));
  if (bad !== undefined) {
    throw new StartRefused(`KAFKA_BROKERS has "${bad}"; it looks like 10.0.0.1:9092,10.0.0.2:9092,10.0.0.3:9092.`);
  }
  const prefix = env["POPUG_KAFKA_PREFIX"] || "popug";
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/.test(prefix)) {
    throw new StartRefused(`POPUG_KAFKA_PREFIX is "${prefix}", with which no name of a topic can begin.`);
  }
  const tls = readTls(env);
  const sasl = readSasl(env);
  if (sasl?.mechanism === "PLAIN" && tls === null) {
    throw new StartRefused("POPUG_KAFKA_SASL=plain would send the password as it is: set POPUG_KAFKA_TLS=1 as well.");
  }
  return { brokers, prefix, tls, sasl };
}

function readTls(env: Environment): KafkaSettings["tls"] {
  const pem = (name: string) => (env[name] ? fileOf(name, env[name]) : undefined);
  const [ca, cert, key] = [pem("POPUG_KAFKA_CA"), pem("POPUG_KAFKA_CERT"), pem("POPUG_KAFKA_KEY")];
  if ((cert === undefined) !== (key === undefined)) {
    throw new StartRefused("POPUG_KAFKA_CERT and POPUG_KAFKA_KEY belong together: set both, or neither.");
  }
  const on = env["POPUG_KAFKA_TLS"] || "0";
  if (!/^[01]$/.test(on)) throw new StartRefused(`POPUG_KAFKA_TLS is "${on}"; it has to be 0 or 1.`);
  if (on === "0" && (ca ?? cert) !== undefined) {
    throw new StartRefused("A certificate is given for Kafka, but no TLS: set POPUG_KAFKA_TLS=1.");
  }
  if (on === "0") return null;
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
}

function readSasl(env: Environment): KafkaSettings["sasl"] {
  const name = env["POPUG_KAFKA_SASL"] || null;
  const username = env["POPUG_KAFKA_USER"] || null;
  const password = secretOf(env, "POPUG_KAFKA_PASSWORD", "POPUG_KAFKA_PASSWORD_FILE");
  if (name === null && username === null && password === null) return null;
  const mechanism = (["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const).find((it) => it.toLowerCase() === name);
  if (mechanism === undefined) {
    throw new StartRefused(`POPUG_KAFKA_SASL is "${name ?? ""}"; it has to be plain, scram-sha-256 or scram-sha-512.`);
  }
  if (username === null || password === null) {
    throw new StartRefused("POPUG_KAFKA_SASL needs POPUG_KAFKA_USER and POPUG_KAFKA_PASSWORD_FILE.");
  }
  return { mechanism, username, password };
}
