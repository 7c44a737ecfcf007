/** The part of the configuration that says on which PostgreSQL servers the services live. */
import { secretOf } from "./config-secrets.ts";
import { StartRefused } from "./platform/start-refused.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export type DatabaseUrls = {
  /** Of every service that has none of its own; null: all have. */
  shared: string | null;
  /** Of single services, by their names. */
  own: Readonly<Record<string, string>>;
};

const OWN = /^DATABASE_URL_([A-Z]+?)(_FILE)?$/;

/** Null: the embedded PostgreSQL. @throws StartRefused when one is no address of a PostgreSQL database */
export function readDatabases(env: Environment): DatabaseUrls | null {
  const shared = urlOf(env, "DATABASE_URL", "DATABASE_URL_FILE");
  const own: Record<string, string> = {};
  for (const name of Object.keys(env)) {
    const service = OWN.exec(name)?.[1];
    if (service === undefined || service === "FILE") continue;
    const variable = `DATABASE_URL_${service}`;
    const url = urlOf(env, variable, `${variable}_FILE`);
    if (url !== null) own[service.toLowerCase()] = url;
  }
  return shared === null && Object.keys(own).length === 0 ? null : { shared, own };
}

function urlOf(env: Environment, name: string, fileName: string): string | null {
  const url = secretOf(env, name, fileName);
  if (url === null) return null;
  if (!URL.canParse(url)) {
    throw new StartRefused(`${name} is not a URL; it looks like postgres://user:password@host:5432/database.`);
  }
  const { protocol, pathname } = new URL(url);
  if (!/^postgres(ql)?:$/.test(protocol)) {
    throw new StartRefused(`${name} has to begin with postgres:// or postgresql://.`);
  }
  if (pathname.length < 2) {
    throw new StartRefused(`${name} names no database: postgres://user:password@host:5432/database.`);
  }
  return url;
}
