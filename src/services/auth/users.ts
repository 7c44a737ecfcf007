/** Rules about users, without any I/O: what may be created, what may be changed, and by whom. */
import { Type, type Static } from "typebox";
import type { DataOf } from "../../platform/contract.ts";
import { Nullable, OneOf, Timestamp, Uuid } from "../../platform/contract.ts";
import { Refusal } from "../../platform/refusal.ts";
import type { userUpdatedV1 } from "../../contracts/auth/user.updated.v1.ts";
import { type Role, roles } from "../../people/policy.ts";

export type Status = "active" | "inactive";
export type Language = "en" | "ru";

/** A user as auth stores them. */
export type User = {
  userId: string;
  login: string;
  name: string;
  email: string;
  roles: Role[];
  language: Language;
  status: Status;
  version: number;
  /** Real time; tokens issued before are no longer good. */
  validFrom: Date;
  /** Business time. */
  createdAt: Date;
};

export const Roles = Type.Array(OneOf(roles), { minItems: 1, maxItems: roles.length, uniqueItems: true });
const Name = Type.String({ minLength: 1, maxLength: 200, pattern: "\\S" });
/** Empty: the person has none. */
const Email = Type.String({ maxLength: 254, pattern: "^$|^[^@\\s<>]+@[^@\\s<>]+$" });
export const Password = Type.String({ minLength: 12, maxLength: 128 });

/** What `createUser` takes. */
export const NewUser = Type.Object(
  {
    login: Type.String({
      pattern: "^[a-z0-9._-]{2,60}$",
      description: "lower-case letters, digits, dot, dash, underscore",
    }),
    name: Name,
    email: Type.Optional(Email),
    roles: Type.Optional(Roles),
    language: Type.Optional(OneOf(["en", "ru"])),
    password: Type.Optional(Password),
  },
  { additionalProperties: false },
);
export type NewUser = Static<typeof NewUser>;

/** What `updateUser` takes; what is not named stays as it is. */
export const UserChange = Type.Object(
  {
    name: Type.Optional(Name),
    email: Type.Optional(Email),
    language: Type.Optional(OneOf(["en", "ru"])),
    roles: Type.Optional(Roles),
    status: Type.Optional(OneOf(["active", "inactive"])),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type UserChange = Static<typeof UserChange>;

/** Roles in the order of the table of roles, so that the same set always reads the same. */
export function inOrder(chosen: readonly Role[]): Role[] {
  return roles.filter((role) => chosen.includes(role));
}

const isActiveAdmin = (user: Pick<User, "status" | "roles">) =>
  user.status === "active" && user.roles.includes("admin");

/** What a change amounts to. */
export type Decision = {
  next: Pick<User, "name" | "email" | "language" | "roles" | "status">;
  /** The fields that differ; none: there is nothing to save or to tell. */
  changed: (keyof UserChange)[];
  /** Everything that the person holds (sessions, tokens) stops being good. */
  endsAccess: boolean;
};

/**
 * Decides a change of a user.
 * @param otherActiveAdmins how many active admins there are besides this user, under a lock
 * @throws Refusal `own-roles`, `last-admin`
 */
export function decideChange(
  user: User,
  change: UserChange,
  by: { userId: string | null; otherActiveAdmins: number },
): Decision {
  const next = {
    name: change.name?.trim() ?? user.name,
    email: change.email ?? user.email,
    language: change.language ?? user.language,
    roles: change.roles ? inOrder(change.roles) : user.roles,
    status: change.status ?? user.status,
  };
  const changed = (Object.keys(next) as (keyof typeof next)[]).filter(
    (field) => String(next[field]) !== String(user[field]),
  );
  if (changed.includes("roles") && by.userId === user.userId) {
    throw new Refusal("forbidden", "own-roles", "Nobody changes their own roles; ask another admin.");
  }
  if (isActiveAdmin(user) && !isActiveAdmin(next) && by.otherActiveAdmins === 0) {
    throw new Refusal("conflict", "last-admin", "This is the last active admin; make somebody else an admin first.");
  }
  return { next, changed, endsAccess: user.status === "active" && next.status === "inactive" };
}

/** The state that both user events carry. */
export function userState(user: User): DataOf<typeof userUpdatedV1> {
  const { createdAt: _, validFrom, ...state } = user;
  return { ...state, validFrom: validFrom.toISOString() };
}

/** A user as the API shows them. */
export const UserView = Type.Object({
  userId: Uuid,
  login: Type.String(),
  name: Type.String(),
  email: Type.String(),
  roles: Type.Array(OneOf(roles)),
  language: OneOf(["en", "ru"]),
  status: OneOf(["active", "inactive"]),
  version: Type.Integer(),
  createdAt: Type.String({ format: "date-time" }),
});

/** A user in a list. */
export const ListedUserView = Type.Object({
  ...UserView.properties,
  lastSeenAt: Nullable(Timestamp),
});

/** A user as the API shows them. */
export function showUser(user: User): Static<typeof UserView> {
  const { validFrom: _, createdAt, ...rest } = user;
  return { ...rest, createdAt: createdAt.toISOString() };
}
