/** SQL about users: one function per question. */
import type { Sql } from "../../platform/service.ts";
import type { Role } from "../../people/policy.ts";
import type { Decision, Status, User } from "./users.ts";

const COLUMNS = `user_id as "userId", login, name, email, roles, language, status, version,
                 valid_from as "validFrom", created_at as "createdAt"`;

/** Inserts a user; undefined when the login is taken, also by somebody who is creating the same at this moment. */
export async function insertUser(
  sql: Sql,
  user: Omit<User, "version" | "status" | "validFrom">,
): Promise<User | undefined> {
  const rows = await sql<User>(
    `insert into users (user_id, login, name, email, roles, language, status, version, created_at)
     values ($1, $2, $3, $4, $5, $6, 'active', 1, $7)
     on conflict (login) do nothing
     returning ${COLUMNS}`,
    [user.userId, user.login, user.name, user.email, user.roles, user.language, user.createdAt],
  );
  return rows[0];
}

/**
 * Locks a user for a change, together with all active admins, always in the same order: two admins who demote each
 * other at once are decided one after the other.
 */
export async function lockForChange(
  sql: Sql,
  userId: string,
): Promise<{ user: User | undefined; isErased: boolean; otherActiveAdmins: number }> {
  const rows = await sql<User & { isErased: boolean }>(
    `select ${COLUMNS}, erased_at is not null as "isErased" from users
      where user_id = $1 or (status = 'active' and 'admin' = any (roles))
      order by user_id
        for update`,
    [userId],
  );
  const found = rows.find((row) => row.userId === userId);
  if (found === undefined) return { user: undefined, isErased: false, otherActiveAdmins: rows.length };
  const { isErased, ...user } = found;
  return { user, isErased, otherActiveAdmins: rows.length - 1 };
}

/** Writes the decided state and raises the version; when access ends, older tokens stop being good from now on. */
export async function saveChange(sql: Sql, userId: string, decision: Decision): Promise<User> {
  const { name, email, language, roles, status } = decision.next;
  const rows = await sql<User>(
    `update users
        set name = $2, email = $3, language = $4, roles = $5, status = $6, version = version + 1,
            valid_from = case when $7::boolean then clock_timestamp() else valid_from end
      where user_id = $1
     returning ${COLUMNS}`,
    [userId, name, email, language, roles, status, decision.endsAccess],
  );
  const [user] = rows;
  if (!user) throw new Error(`user ${userId} vanished under its lock`);
  return user;
}

/** Raises the version; tokens issued until now are no longer good. */
export async function renewAccess(sql: Sql, userId: string): Promise<User> {
  const rows = await sql<User>(
    `update users set version = version + 1, valid_from = clock_timestamp() where user_id = $1 returning ${COLUMNS}`,
    [userId],
  );
  const [user] = rows;
  if (!user) throw new Error(`there is no user ${userId}`);
  return user;
}

/** A user by id, active or not. */
export async function findUser(sql: Sql, userId: string): Promise<User | undefined> {
  const rows = await sql<User>(`select ${COLUMNS} from users where user_id = $1`, [userId]);
  return rows[0];
}

/** A user by login (lower case), active or not. */
export async function findUserByLogin(sql: Sql, login: string): Promise<User | undefined> {
  const rows = await sql<User>(`select ${COLUMNS} from users where login = $1`, [login]);
  return rows[0];
}

/** `lastSeenAt`: real time at which a browser of theirs was last used, to the minute; null: never. */
export type ListedUser = User & { lastSeenAt: Date | null };

/** Users by login, after the given one; `text` is looked for in login, name and e-mail, ignoring case. */
export async function findUsers(
  sql: Sql,
  filter: { text: string | undefined; role: Role | undefined; status: Status | undefined },
  after: string | undefined,
  limit: number,
): Promise<ListedUser[]> {
  return sql<ListedUser>(
    `select ${COLUMNS}, s.at as "lastSeenAt" from users left join last_seen s using (user_id)
      where ($1::text is null or strpos(lower(login || ' ' || name || ' ' || email), lower($1)) > 0)
        and ($2::text is null or $2 = any (roles))
        and ($3::text is null or status = $3)
        and ($4::text is null or login > $4)
      order by login
      limit $5`,
    [filter.text ?? null, filter.role ?? null, filter.status ?? null, after ?? null, limit],
  );
}

/**
 * True while nobody exists. Takes a lock for the rest of the transaction, so that two first admins cannot be created
 * beside each other.
 */
export async function lockWhileEmpty(sql: Sql): Promise<boolean> {
  await sql("lock table users in share row exclusive mode");
  return await hasNobody(sql);
}

/** Whether nobody exists yet. */
export async function hasNobody(sql: Sql): Promise<boolean> {
  return (await sql("select 1 from users limit 1")).length === 0;
}

/** Sets somebody's password, in its hashed form. */
export async function savePassword(sql: Sql, userId: string, passwordHash: string): Promise<void> {
  await sql(
    `insert into credential (user_id, password_hash) values ($1, $2)
     on conflict (user_id) do update set password_hash = excluded.password_hash, changed_at = clock_timestamp()`,
    [userId, passwordHash],
  );
}
