/** Who there is. */
import { type Static, Type } from "typebox";
import { OneOf } from "../../../platform/contract.ts";
import { page, pageParameters, readCursor } from "../../../platform/http/paging.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { QueryCtx } from "../../../platform/service.ts";
import { roles } from "../../../people/policy.ts";
import { findUser, findUsers } from "../user-store.ts";
import { showUser } from "../users.ts";

export const UserFilter = Type.Object({
  ...pageParameters,
  q: Type.Optional(Type.String({ maxLength: 200, description: "part of login, name or e-mail" })),
  role: Type.Optional(OneOf(roles)),
  status: Type.Optional(OneOf(["active", "inactive"])),
});

/** `listUsers`, by login. @throws Refusal `bad-cursor` */
export async function listUsers(ctx: QueryCtx, { query }: { query: Static<typeof UserFilter> }) {
  const [after] = readCursor(query.cursor) ?? [];
  const limit = query.limit ?? 50;
  const filter = { text: query.q, role: query.role, status: query.status };
  const rows = await findUsers(ctx.sql, filter, after == null ? undefined : String(after), limit + 1);
  return page(
    rows,
    limit,
    (user) => [user.login],
    ({ lastSeenAt, ...user }) => ({ ...showUser(user), lastSeenAt: lastSeenAt?.toISOString() ?? null }),
  );
}

/** `getUser`. @throws Refusal `unknown-user` */
export async function getUser(ctx: QueryCtx, { params }: { params: { userId: string } }) {
  const user = await findUser(ctx.sql, params.userId);
  if (!user) throw new Refusal("not-found", "unknown-user", "There is no such user.");
  return showUser(user);
}

/** `getMe`: whoever asks. */
export async function getMe(ctx: QueryCtx) {
  return getUser(ctx, { params: { userId: ctx.actor.userId } });
}
