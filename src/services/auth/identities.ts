/** Who of us it is that another OpenID provider has let in: by issuer and subject, and by an explicit table of roles. */
import { userLinkedV1 } from "../../contracts/auth/user.linked.v1.ts";
import { userUpdatedV1 } from "../../contracts/auth/user.updated.v1.ts";
import { findUserIdOf, identityOf } from "../../people/identity.ts";
import type { Role } from "../../people/policy.ts";
import { Refusal } from "../../platform/refusal.ts";
import type { Ctx, JobTools } from "../../platform/service.ts";
import type { OtherProvider } from "../../settings.ts";
import { addUser } from "./commands/create-user.ts";
import type { SignedIn } from "./openid-peer.ts";
import { recordAudit } from "./security-audit.ts";
import { findUser, findUserByLogin, lockForChange, saveChange } from "./user-store.ts";
import { decideChange, inOrder, type User, userState } from "./users.ts";

/**
 * The user who signed in there; null when nobody is linked and nobody may be created. Roles follow the table at each
 * sign-in, if there is one; the last admin stays one.
 */
export async function userOfIdentity(
  { transact }: Pick<JobTools, "transact">,
  provider: OtherProvider,
  signedIn: Pick<SignedIn, "subject" | "claims">,
): Promise<string | null> {
  const identity = identityOf(provider.issuer, signedIn.subject);
  if (identity.length > 600) return null;
  const mapped = rolesOf(provider, signedIn.claims);
  return transact("user.sign-in", "system:provider", async (ctx) => {
    // Two browsers may bring somebody new at the same instant.
    await ctx.sql("select pg_advisory_xact_lock(hashtextextended($1, 0))", [identity]);
    const known = await findUserIdOf(ctx.sql, identity);
    if (known === undefined)
      return provider.createUsers && mapped.length > 0 ? join(ctx, identity, signedIn, mapped) : null;
    const user = await findUser(ctx.sql, known);
    if (user?.status !== "active") return null;
    if (Object.keys(provider.roles).length > 0) {
      // Whoever is in no group any more has nothing to do here.
      if (mapped.length === 0) return null;
      await followRoles(ctx, user, mapped);
    }
    await recordAudit(ctx.sql, "sign-in.succeeded", `user:${known}`, known, { method: "provider" });
    return known;
  });
}

/**
 * Links a user with a subject of the other provider. A subject is linked once and for ever.
 * @throws Refusal `identity-taken`
 */
export async function link(ctx: Ctx, userId: string, identity: string): Promise<void> {
  const rows = await ctx.sql(
    `insert into person_identity (identity, user_id) values ($1, $2)
     on conflict (identity) do update set user_id = person_identity.user_id where person_identity.user_id = $2
     returning 1`,
    [identity, userId],
  );
  if (rows.length === 0) {
    throw new Refusal("conflict", "identity-taken", "This subject belongs to somebody else here.");
  }
  ctx.emit(userLinkedV1, { userId, identity });
}

/** The roles that the table gives for the claims. */
export function rolesOf(
  provider: Pick<OtherProvider, "rolesClaim" | "roles">,
  claims: Record<string, unknown>,
): Role[] {
  const said = claims[provider.rolesClaim];
  const groups = Array.isArray(said) ? said : [said];
  return inOrder(
    groups.flatMap((group) =>
      typeof group === "string" && Object.hasOwn(provider.roles, group) ? [...(provider.roles[group] ?? [])] : [],
    ),
  );
}

async function join(ctx: Ctx, identity: string, { claims }: Pick<SignedIn, "claims">, roles: Role[]): Promise<string> {
  const text = (name: string) => (typeof claims[name] === "string" ? claims[name].trim() : "");
  const login = await freeLogin(ctx, text("preferred_username") || text("email").split("@")[0] || "popug");
  const email = text("email");
  const user = await addUser(
    ctx,
    {
      login,
      name: (text("name") || login).slice(0, 200),
      email: /^[^@\s<>]+@[^@\s<>]+$/.test(email) && email.length <= 254 ? email : "",
      roles,
      language: text("locale").startsWith("ru") ? "ru" : "en",
    },
    "system:provider",
  );
  await link(ctx, user.userId, identity);
  await recordAudit(ctx.sql, "sign-in.linked", "system:provider", user.userId);
  return user.userId;
}

/** What they are called there, as far as it can be a login here; with a number when somebody has it. */
async function freeLogin(ctx: Ctx, wanted: string): Promise<string> {
  const plain = wanted
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 50);
  const base = plain.length < 2 ? "popug" : plain;
  for (let n = 1; n < 1_000; n++) {
    const login = n === 1 ? base : `${base}-${n}`;
    if (!(await findUserByLogin(ctx.sql, login))) return login;
  }
  throw new Refusal("conflict", "login-taken", "There are too many people of this name.");
}

async function followRoles(ctx: Ctx, { userId }: User, roles: Role[]): Promise<void> {
  const { user, otherActiveAdmins } = await lockForChange(ctx.sql, userId);
  if (!user) return;
  const wanted = otherActiveAdmins === 0 && user.roles.includes("admin") ? inOrder([...roles, "admin"]) : roles;
  const decision = decideChange(user, { roles: wanted }, { userId: null, otherActiveAdmins });
  if (decision.changed.length === 0) return;
  const saved = await saveChange(ctx.sql, userId, decision);
  await recordAudit(ctx.sql, "roles.changed", "system:provider", userId, { from: user.roles, to: saved.roles });
  ctx.emit(userUpdatedV1, userState(saved));
}
