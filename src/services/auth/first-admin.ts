/** The first admin of an installation. */
import type { JobTools } from "../../platform/service.ts";
import { LocalRefusal } from "../../platform/refusal.ts";
import { addUser } from "./commands/create-user.ts";
import { lockWhileEmpty } from "./user-store.ts";
import type { NewUser, User } from "./users.ts";

/**
 * Creates the first admin, only while there is no user at all; of several who try at once, one succeeds.
 * @throws Refusal `not-empty`
 */
export async function firstAdmin(
  tools: Pick<JobTools, "transact">,
  person: Pick<NewUser, "login" | "name" | "email" | "password" | "language">,
): Promise<User> {
  return tools.transact("user.create", "system:setup", async (ctx) => {
    if (!(await lockWhileEmpty(ctx.sql))) {
      throw new LocalRefusal("conflict", "not-empty", "There are users already; an admin among them can create more.");
    }
    return addUser(ctx, { ...person, roles: ["admin"] }, "system:setup");
  });
}
