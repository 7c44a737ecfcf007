/** From the environment to settings that work together. The only reader of `process.env`. */
import { join, resolve } from "node:path";
import { type DatabaseUrls, readDatabases } from "./config-databases.ts";
import { type KafkaSettings, readKafka } from "./config-kafka.ts";
import { type Processes, readProcesses } from "./config-processes.ts";
import { readSecretFiles, secretOf } from "./config-secrets.ts";
import { type FirstAdmin, readDoors, readFirstAdmin, readOtherProvider, readRelyingParties } from "./config-sign-in.ts";
import { compactIban, ibanProblem } from "./platform/iban.ts";
import { StartRefused } from "./platform/start-refused.ts";
import type { Settings } from "./settings.ts";

export type Config = Processes & {
  settings: Settings;
  /** Port of the web; 0: any free one. */
  port: number;
  /** Address to listen on. */
  host: string;
  /** Certificate chain and key in PEM; null: plain http. */
  tls: { cert: string; key: string } | null;
  /** Whose `X-Forwarded-For` is believed: addresses, CIDR blocks or `loopback`. */
  trustProxy: readonly string[];
  /** Becomes the first admin while nobody is there; null: whoever gets the one-time link. */
  firstAdmin: FirstAdmin | null;
  /** PostgreSQL servers of one's own; null: the embedded one. */
  databases: DatabaseUrls | null;
  /** A cluster that carries events between services; null: they read one another's logs. */
  kafka: KafkaSettings | null;
  /** Begins the names of the roles in PostgreSQL. */
  rolePrefix: string;
  /** Connections per service. */
  poolSize: number;
  /** Requests per second and person. */
  ratePerSecond: number;
  /** Days after which what nobody needs goes from the logs; null: never. */
  logDays: number | null;
  logLevel: "debug" | "info" | "warn" | "error" | "silent";
  version: string;
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration. Every variable is documented in `docs/configuration.md`.
 * @throws StartRefused naming the variable that cannot work and what it may be
 */
export function readConfig(
  options: { demo?: boolean; services?: string | undefined } = {},
  env: Environment = process.env,
): Config {
  const port = integer(env, "POPUG_PORT", 7070, 0, 65_535);
  const demo = options.demo ?? false;
  const host = text(env, "POPUG_HOST", "127.0.0.1");
  if (demo && !["127.0.0.1", "::1", "localhost"].includes(host)) {
    throw new StartRefused("A demo signs everybody in; it only listens on this machine. Unset POPUG_HOST.");
  }
  const smtpUrl = secretOf(env, "POPUG_SMTP_URL", "POPUG_SMTP_URL_FILE");
  if (smtpUrl !== null && !/^smtps?:\/\/./.test(smtpUrl)) {
    throw new StartRefused("POPUG_SMTP_URL has to begin with smtp:// or smtps://.");
  }
  const databases = readDatabases(env);
  const doors = readDoors(env, port);
  const dataDir = resolve(text(env, "POPUG_DATA", "data"));
  return {
    ...readProcesses(options.services, databases !== null, env),
    settings: {
      timeZone: timeZone(env),
      closesAt: pattern(env, "POPUG_CLOSES_AT", "00:00", /^([01]\d|2[0-3]):[0-5]\d$/),
      currency: currency(env),
      feeRange: range(env, "POPUG_FEE", "10-20"),
      rewardRange: range(env, "POPUG_REWARD", "20-40"),
      secondPersonAbove: integer(env, "POPUG_SECOND_PERSON", 50, 0, 1_000_000_000),
      payer: payer(env) ?? (demo ? demoPayer : null),
      publicUrl: doors.publicUrl,
      dataDir,
      secretsDir: resolve(text(env, "POPUG_SECRETS", join(dataDir, "secrets"))),
      secretFiles: readSecretFiles(env),
      smtpUrl,
      mailFrom: text(env, "POPUG_MAIL_FROM", "Popug <popug@localhost>"),
      demo,
      passkeyGraceDays: env["POPUG_PASSKEY_GRACE_DAYS"] ? integer(env, "POPUG_PASSKEY_GRACE_DAYS", 0, 0, 3_650) : null,
      relyingParties: readRelyingParties(env),
      otherProvider: readOtherProvider(env),
    },
    port,
    host,
    tls: doors.tls,
    trustProxy: doors.trustProxy,
    firstAdmin: readFirstAdmin(env),
    databases,
    kafka: readKafka(env),
    rolePrefix: pattern(env, "POPUG_DB_ROLES", "popug", /^[a-z][a-z0-9_]{0,30}$/),
    poolSize: integer(env, "POPUG_DB_POOL", 10, 3, 100),
    ratePerSecond: integer(env, "POPUG_RATE", 200, 1, 1_000_000),
    logDays: env["POPUG_LOG_DAYS"] ? integer(env, "POPUG_LOG_DAYS", 0, 1, 36_500) : null,
    logLevel: pattern(env, "POPUG_LOG", "warn", /^(debug|info|warn|error|silent)$/) as Config["logLevel"],
    version: "0.1.0",
  };
}

function text(env: Environment, name: string, otherwise: string): string {
  return env[name] || otherwise;
}

function pattern(env: Environment, name: string, otherwise: string, shape: RegExp): string {
  const value = text(env, name, otherwise);
  if (!shape.test(value)) throw new StartRefused(`${name} is "${value}"; it has to match ${shape.source}.`);
  return value;
}

function integer(env: Environment, name: string, otherwise: number, from: number, to: number): number {
  const value = env[name] ? Number(env[name]) : otherwise;
  if (!Number.isInteger(value) || value < from || value > to) {
    throw new StartRefused(`${name} is "${env[name]}"; it has to be a whole number from ${from} to ${to}.`);
  }
  return value;
}

function range(env: Environment, name: string, otherwise: string): { from: number; to: number } {
  const value = text(env, name, otherwise);
  const match = /^(\d{1,9})-(\d{1,9})$/.exec(value);
  const from = Number(match?.[1]);
  const to = Number(match?.[2]);
  if (!match || from < 1 || from > to) {
    throw new StartRefused(`${name} is "${value}"; it has to be a range of whole amounts such as 10-20.`);
  }
  return { from, to };
}

function timeZone(env: Environment): string {
  const zone = text(env, "POPUG_TIME_ZONE", "UTC");
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
  } catch (error) {
    throw new StartRefused(`POPUG_TIME_ZONE is "${zone}", which is no IANA time zone (such as Europe/Berlin).`, {
      cause: error,
    });
  }
  return zone;
}

/** An account that can be true and is nobody's, so that the demo makes files for a bank. */
const demoPayer = { name: "UberPopug", iban: "DE66000000000000000042", bic: null };

function payer(env: Environment): Settings["payer"] {
  const name = env["POPUG_PAYER_NAME"] || null;
  const iban = env["POPUG_PAYER_IBAN"] ? compactIban(env["POPUG_PAYER_IBAN"]) : null;
  if (name === null && iban === null) return null;
  if (name === null || iban === null) {
    throw new StartRefused("POPUG_PAYER_NAME and POPUG_PAYER_IBAN belong together: set both, or neither.");
  }
  if (name.length > 70) throw new StartRefused("POPUG_PAYER_NAME is longer than the 70 characters that banks take.");
  if (ibanProblem(iban) !== null) throw new StartRefused(`POPUG_PAYER_IBAN is "${iban}", which is no account number.`);
  const bic = env["POPUG_PAYER_BIC"]
    ? pattern(env, "POPUG_PAYER_BIC", "", /^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$/)
    : null;
  return { name, iban, bic };
}

function currency(env: Environment): string {
  const code = text(env, "POPUG_CURRENCY", "USD");
  if (!Intl.supportedValuesOf("currency").includes(code)) {
    throw new StartRefused(`POPUG_CURRENCY is "${code}", which is no ISO 4217 currency (such as USD).`);
  }
  return code;
}
