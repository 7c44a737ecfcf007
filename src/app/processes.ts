/** Which part of the whole this process is. Refuses parts that could not work together. */
import type { Config } from "../config.ts";
import type { Service } from "../platform/service.ts";
import { StartRefused } from "../platform/start-refused.ts";

export type Part = {
  /** The services that run here. */
  here: readonly Service[];
  /** Those whose databases are looked into here: all of them where people come in, else those that run here. */
  known: readonly Service[];
  /** People come in here: the web, the sign-in, and the way to services that run elsewhere. It is where auth runs. */
  isEntry: boolean;
};

/** @throws StartRefused with what is missing */
export function partOf(config: Config, services: readonly Service[]): Part {
  const { only, upstreams, settings } = config;
  const names = services.map((service) => service.name);
  const { shared = null, own = {} } = config.databases ?? {};
  for (const name of [...(only ?? []), ...Object.keys(upstreams), ...Object.keys(own)]) {
    if (!names.includes(name)) {
      throw new StartRefused(`There is no service "${name}"; there are ${names.join(", ")}.`);
    }
  }
  const homeless = names.filter((name) => own[name] === undefined);
  if (config.databases !== null && shared === null && homeless.length > 0) {
    throw new StartRefused(
      `${homeless.join(" and ")} ${homeless.length === 1 ? "has" : "have"} no database: set DATABASE_URL for all that have none of their own. ` +
        "Each process is told where every log is that it reads.",
    );
  }
  if (only === null) return { here: services, known: services, isEntry: true };
  const here = services.filter((service) => only.includes(service.name));
  if (!only.includes("auth")) {
    if (settings.otherProvider?.instead !== true && upstreams["auth"] === undefined) {
      throw new StartRefused(
        "A process without auth asks it for the keys that tokens are checked by: set POPUG_UPSTREAMS to " +
          "auth=http://…, the address of a process that runs auth.",
      );
    }
    return { here, known: here, isEntry: false };
  }
  const missing = names.filter((name) => !only.includes(name) && upstreams[name] === undefined);
  if (missing.length > 0) {
    throw new StartRefused(
      `People come in where auth runs, and from here to every other service: say in POPUG_UPSTREAMS where ` +
        `${missing.join(" and ")} run${missing.length === 1 ? "s" : ""} (${missing[0]}=http://…).`,
    );
  }
  return { here, known: services, isEntry: true };
}
