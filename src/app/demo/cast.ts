/** Who plays in a demo day: the people of the company, by what they may do. */
import type { User } from "../../services/auth/users.ts";
import { allPages, type Caller, callerFor, type Company, openCompany } from "../cli/caller.ts";
import { CommandFailed } from "../cli/command-failed.ts";
import type { Config } from "../../config.ts";

export type Cast = {
  company: Company;
  admin: Caller;
  managers: Caller[];
  accountant: Caller;
  /** Those who may be drawn: active, neither manager nor admin. */
  workers: Caller[];
};

/** Fewer cannot play: one of them leaves during the day. */
const MIN_WORKERS = 3;

/** @throws CommandFailed when no demo runs on the data folder, or too few people are left in it */
export async function openCast(config: Config): Promise<Cast> {
  const company = await openCompany(config);
  if (!company.note.settings.demo) {
    throw new CommandFailed(
      "This is no demo: a day is only played in a company of invented popugs (npm start -- --demo).",
    );
  }
  const admin = await callerFor(config, undefined);
  const people = (await allPages<User>(admin, "/users?status=active")).map(company.as);
  const having = (role: User["roles"][number]) => people.filter(({ user }) => user.roles.includes(role));
  const managers = having("manager");
  const [accountant] = having("accountant");
  const workers = people.filter(({ user }) => !user.roles.some((role) => role === "manager" || role === "admin"));
  if (managers.length === 0 || accountant === undefined || workers.length < MIN_WORKERS) {
    throw new CommandFailed(
      `A day needs a manager, an accountant and ${MIN_WORKERS} popugs who can be drawn; ` +
        `here are ${managers.length} managers and ${workers.length} such popugs.`,
    );
  }
  return { company, admin, managers, accountant, workers };
}
