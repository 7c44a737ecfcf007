/**
 * Who is asking: access tokens are verified locally, in every service, and then held against the service's own replica
 * of the people. Somebody who was deactivated is refused however good the token is.
 */
import { Refusal } from "../platform/refusal.ts";
import type { Actor, Sql } from "../platform/service.ts";
import { createKeySource, type LoadKeys } from "./token-keys.ts";
import { type Claims, readToken } from "./token-claims.ts";
import { findUserIdOf, identityOf } from "./identity.ts";
import { findTokenOwner, isPersonalToken, TOKEN_PREFIX } from "./personal-token.ts";
import { passkeyRoles } from "./policy.ts";
import { findPerson, type Person } from "./replica.ts";

/** Verified tokens that are remembered, so that a page's many requests cost one signature check. */
const MAX_REMEMBERED = 2_000;

/** Our own applications: the web app, and the command line on the machine itself. */
const COMMAND_LINE = "popug-cli";
const OURS: readonly string[] = ["popug-web", COMMAND_LINE];

/**
 * Somebody who came with a token; with a personal access token, it says what that one may be used for. `application`:
 * what sent the request in their name, when it is none of ours.
 */
export type Identity = Actor & { token?: { tokenId: string; scopes: readonly string[] }; application?: string };

export type Access = {
  /**
   * The person behind an `Authorization` header. Verifies the token, then asks the replica (one indexed query, at every
   * request). The replica's roles count when it is at least as new as the token, else the token's. A personal access
   * token is looked up in the replica; its owner's roles of this moment count.
   * @throws Refusal `no-token`, `bad-token`, `unknown-user`, `user-inactive`, `token-outdated`, `keys-unavailable`
   */
  authenticate: (authorization: string | undefined, sql: Sql) => Promise<Identity>;
};

export type AccessOptions = {
  issuer: string;
  audience: string;
  /** Gives the issuer's public keys; asked rarely, never on behalf of a token that is malformed. */
  jwks: LoadKeys;
  /** Less than half a minute where asking costs nothing. */
  askAgainAfterMs?: number;
  /** For another provider in the place of ours: reads its tokens, whose subjects are then looked up as linked. */
  readForeign?: (token: string) => Promise<Claims | undefined>;
};

/** Nothing is asked before the first token. */
export function createAccess(options: AccessOptions): Access {
  const keys = createKeySource(options.jwks, options.askAgainAfterMs);
  const remembered = new Map<string, Claims>();

  const verified = async (token: string): Promise<Claims> => {
    const known = remembered.get(token);
    if (known !== undefined) {
      if (known.exp > Date.now() / 1000) return known;
      remembered.delete(token);
      throw badToken();
    }
    const claims = options.readForeign ? await options.readForeign(token) : await readToken(token, keys, options);
    if (claims === undefined) throw badToken();
    if (remembered.size >= MAX_REMEMBERED) {
      // The oldest goes: a Map keeps the order of insertion.
      for (const oldest of remembered.keys()) {
        remembered.delete(oldest);
        break;
      }
    }
    remembered.set(token, claims);
    return claims;
  };

  return {
    authenticate: async (authorization, sql) => {
      const token = bearerOf(authorization);
      if (token.startsWith(TOKEN_PREFIX)) return ownerOf(token, sql);
      const claims = await verified(token);
      const userId = options.readForeign ? await findUserIdOf(sql, identityOf(options.issuer, claims.sub)) : claims.sub;
      return actorOf(claims, userId === undefined ? undefined : await findPerson(sql, userId));
    },
  };
}

function bearerOf(authorization: string | undefined): string {
  if (authorization === undefined || authorization === "") {
    throw new Refusal("unauthenticated", "no-token", "Sign in first.");
  }
  const token = /^Bearer ([^\s]+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw badToken();
  return token;
}

async function ownerOf(token: string, sql: Sql): Promise<Identity> {
  const owner = isPersonalToken(token) ? await findTokenOwner(sql, token) : undefined;
  if (owner === undefined) throw badToken();
  const { active, tokenId, scopes, ...actor } = owner;
  if (!active) throw inactive();
  return { ...actor, token: { tokenId, scopes } };
}

function inactive(): Refusal {
  return new Refusal("unauthenticated", "user-inactive", "This user has been deactivated.");
}

/** One answer for everything that is wrong with a token: whoever forges one learns nothing from it. */
function badToken(): Refusal {
  return new Refusal("unauthenticated", "bad-token", "The access token is not valid, or not any more; sign in again.");
}

/**
 * Tokens count whole seconds: of those of the very second in which access ended, only the older version is from before.
 */
function isOutdated({ iat, version }: Claims, person: Person): boolean {
  const since = person.validFrom.getTime();
  return (iat + 1) * 1_000 <= since || (iat * 1_000 < since && version < person.version);
}

/** Pure: what the replica makes of a verified token. */
export function actorOf(claims: Claims, person: Person | undefined): Identity {
  if (person === undefined) {
    throw new Refusal("unauthenticated", "unknown-user", "This user is not known here (yet); try again in a moment.");
  }
  if (!person.active) throw inactive();
  if (isOutdated(claims, person)) {
    throw new Refusal("unauthenticated", "token-outdated", "This access was ended; sign in again.");
  }
  const roles = person.version >= claims.version ? person.roles : claims.roles;
  const { userId, login, name } = person;
  const { client, limited } = claims;
  const who = {
    userId,
    login,
    name,
    ...(client === COMMAND_LINE && { atMachine: true as const }),
    ...(!OURS.includes(client) && { application: client }),
  };
  if (!limited) return { ...who, roles };
  const needsPasskey = (role: string) => passkeyRoles.includes(role);
  return {
    ...who,
    roles: roles.filter((role) => !needsPasskey(role)),
    suspended: roles.filter(needsPasskey),
  };
}
