/** Brings the people of the demo into an empty company. */
import { addUser } from "../../services/auth/commands/create-user.ts";
import { hashPassword } from "../../services/auth/passwords.ts";
import { hasNobody, lockWhileEmpty, savePassword } from "../../services/auth/user-store.ts";
import type { App } from "../start.ts";
import { demoPeople } from "./people.ts";

/** Everybody's. A demo only listens on this machine. */
export const DEMO_PASSWORD = "parrots-at-work";

/**
 * Seeds the company while there is no user; a demo that was started before keeps its own.
 * @returns the line of the start message
 */
export async function seedDemo(app: App): Promise<string> {
  const auth = app.services.get("auth");
  if (auth === undefined) throw new Error("a demo has no service auth");
  const some = (role: string) => demoPeople.find((person) => person.roles.join() === role)?.login;
  const line =
    `A demo of ${demoPeople.length} popugs: sign in as ${some("worker")} (worker), ${some("manager")} (manager), ` +
    `${some("accountant")} (accountant) or ${some("admin")} (admin), password ${DEMO_PASSWORD}.`;
  if (!(await hasNobody(auth.sql))) return line;
  // One hash for all: forty of them would take seconds, and the password is public.
  const hash = await hashPassword(DEMO_PASSWORD);
  await auth.tools.transact("user.create", "system:demo", async (ctx) => {
    // All of them or none, and only once, also when two processes start on one database.
    if (!(await lockWhileEmpty(ctx.sql))) return;
    for (const person of demoPeople) {
      const user = await addUser(ctx, { ...person, email: `${person.login}@popug.example` }, "system:demo");
      await savePassword(ctx.sql, user.userId, hash);
    }
  });
  return line;
}
