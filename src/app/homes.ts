/** Where the services live: all in one database, or some on a PostgreSQL server of their own. */
import { randomInt } from "node:crypto";
import type { Connection } from "../platform/database.ts";
import { connectAsAdmin, type Installation } from "../platform/migrate.ts";
import type { Service } from "../platform/service.ts";
import { StartRefused } from "../platform/start-refused.ts";

/** A database, and the services whose schemas are in it. */
export type Home = { installation: Installation; services: readonly Service[] };

export type Homes = {
  of: (service: string) => Home;
  /** Each database once. */
  all: readonly Home[];
  /** As whom the database of each service is administered. */
  admins: Readonly<Record<string, Connection>>;
};

/** @param adminOf equal for services that live together */
export function homesOf(
  services: readonly Service[],
  adminOf: (service: string) => Connection,
  roles: Omit<Installation, "admin">,
): Homes {
  const found = new Map<string, { installation: Installation; services: Service[] }>();
  for (const service of services) {
    const admin = adminOf(service.name);
    const key = JSON.stringify(admin);
    const home = found.get(key) ?? { installation: { admin, ...roles }, services: [] };
    found.set(key, home);
    home.services.push(service);
  }
  const all = [...found.values()];
  const of = (name: string) => {
    const home = all.find((one) => one.services.some((service) => service.name === name));
    if (home === undefined) throw new Error(`${name} lives nowhere`);
    return home;
  };
  return { of, all, admins: Object.fromEntries(services.map(({ name }) => [name, of(name).installation.admin])) };
}

/**
 * Services that share a database have to share a home; one database that is spelt in two ways would be two.
 * @throws StartRefused with a sentence when two of the homes are one database, or one cannot be reached
 */
export async function assertApart(homes: readonly Home[]): Promise<void> {
  const key = randomInt(2 ** 47);
  const undo: (() => Promise<unknown>)[] = [];
  try {
    for (const { installation, services } of homes) {
      const client = await connectAsAdmin(installation);
      undo.push(() => client.end());
      // Such a lock is known in one database only, whatever leads to it; a copy of a server is told from its original.
      await client.query("begin");
      const { rows } = await client.query<{ free: boolean }>("select pg_try_advisory_xact_lock($1) as free", [key]);
      if (rows[0]?.free === true) continue;
      throw new StartRefused(
        `The database of ${services.map(({ name }) => name).join(", ")} is also that of other services, under another ` +
          "address: write the address of a database in the same way everywhere.",
      );
    }
  } finally {
    await Promise.all(undo.map((end) => end()));
  }
}
