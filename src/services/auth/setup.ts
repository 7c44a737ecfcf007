/** The first run: one link, printed where Popug was started, makes one admin while there is nobody. */
import { Value } from "typebox/value";
import { Refusal } from "../../platform/refusal.ts";
import type { JobTools, Sql } from "../../platform/service.ts";
import { addUser } from "./commands/create-user.ts";
import { hashOfLink, newLinkToken } from "./link-token.ts";
import { assertGoodPassword } from "./password-strength.ts";
import { hashPassword } from "./passwords.ts";
import { recordAudit } from "./security-audit.ts";
import { lockWhileEmpty } from "./user-store.ts";
import { NewUser, type User } from "./users.ts";

/** A new link, which replaces the one before; undefined when somebody is there already. */
export async function makeSetupLink({ transact }: Pick<JobTools, "transact">): Promise<string | undefined> {
  const { token, hash } = newLinkToken();
  return transact("user.create", "system:setup", async ({ sql }) => {
    if (!(await lockWhileEmpty(sql))) return undefined;
    await sql(
      `insert into setup_link (token_hash, expires_at) values ($1, clock_timestamp() + interval '30 minutes')
       on conflict (only_one) do update set token_hash = excluded.token_hash, expires_at = excluded.expires_at`,
      [hash],
    );
    return token;
  });
}

export type Setup = { login: string; name: string; email: string; password: string; language: "en" | "ru" };

/**
 * Makes the first admin; undefined when the link is used, too old, none of ours, or somebody is there already. Of several
 * who try at once, one succeeds.
 * @throws Refusal `invalid-request`, `weak-password`, `busy`
 */
export async function setUp(
  { sql, transact }: Pick<JobTools, "sql" | "transact">,
  token: string,
  person: Setup,
): Promise<User | undefined> {
  const hash = hashOfLink(token);
  // Before anything costs us time: whoever has no link gets nothing done.
  if (!(await isGood(sql, hash))) return undefined;
  if (!Value.Check(NewUser, person)) {
    throw new Refusal("invalid", "invalid-request", "The request is not as the API describes it.");
  }
  assertGoodPassword(person.password, [person.login, person.name, person.email]);
  const passwordHash = await hashPassword(person.password);
  const { password: _, ...rest } = person;
  return transact("user.create", "system:setup", async (ctx) => {
    if (!(await lockWhileEmpty(ctx.sql))) return undefined;
    const used = await ctx.sql(
      "delete from setup_link where token_hash = $1 and expires_at > clock_timestamp() returning 1",
      [hash],
    );
    if (used.length === 0) return undefined;
    const user = await addUser(ctx, { ...rest, roles: ["admin"] }, "system:setup", passwordHash);
    await recordAudit(ctx.sql, "installation.set-up", "system:setup", user.userId);
    return user;
  });
}

async function isGood(sql: Sql, hash: Buffer): Promise<boolean> {
  const rows = await sql(
    `select 1 from setup_link where token_hash = $1 and expires_at > clock_timestamp()
        and not exists (select 1 from users)`,
    [hash],
  );
  return rows.length > 0;
}
