/**
 * The sessions of browsers. A browser holds one random cookie and never a token; the tokens stay here, sealed, and are
 * put before each request that comes with the cookie.
 */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { Refusal } from "../../../platform/refusal.ts";
import type { Sql } from "../../../platform/service.ts";
import { endProviderSession } from "../access-ending.ts";
import type { OpenidPeer, SignedIn, Tokens } from "../openid-peer.ts";
import type { Sealing } from "../sealing.ts";
import { cookieOf, SESSION_COOKIE } from "./cookies.ts";
import { assertFromOurPages } from "./cross-site.ts";
import {
  claimRefresh,
  deleteSession,
  findSession,
  type FoundSession,
  insertSession,
  noteUse,
  releaseRefresh,
  saveTokens,
} from "./session-store.ts";

/** An access token with less than this left is exchanged first, so that it does not expire on its way. */
const LEAST_SECONDS = 20;
/** How long a request waits for another process that gets new tokens. */
const WAIT_MS = 8_000;
const LOOK_AGAIN_MS = 40;

export type WebSessions = {
  /**
   * What stands for a request's cookie: an `Authorization` header and the session's name; undefined without a session.
   * @throws Refusal `cross-site` when the request may have been made by a page of somebody else
   */
  authorizationOf: (request: { method: string; headers: IncomingHttpHeaders }) => Promise<Presented | undefined>;
  /** Begins a session; the value is for the cookie. Undefined when the person is not active. */
  begin: (userId: string, signedIn: SignedIn, device: string) => Promise<string | undefined>;
  /** The session of a cookie; undefined when there is none (any more). */
  find: (headers: IncomingHttpHeaders) => Promise<FoundSession | undefined>;
  /**
   * Ends the session of a cookie, and what it came from unless that is to be kept. Returns its ID token, for a provider
   * elsewhere.
   */
  end: (
    headers: IncomingHttpHeaders,
    options?: { keepProviderSession: boolean },
  ) => Promise<{ idToken: string | null } | undefined>;
};

export type Presented = { authorization: string; sessionId: string };

type Parts = { sql: Sql; sealing: Sealing; peer: OpenidPeer; publicUrl: string };

/** Makes them on auth's database. */
export function createWebSessions(parts: Parts): WebSessions {
  const { sql, sealing, publicUrl } = parts;
  const find = async (headers: IncomingHttpHeaders) => {
    const cookie = cookieOf(headers, SESSION_COOKIE);
    if (cookie === undefined) return undefined;
    const cookieHash = hashOf(cookie);
    const session = await findSession(sql, cookieHash);
    return session && { cookieHash, session };
  };
  const fresh = singleFlight(parts);

  return {
    authorizationOf: async ({ method, headers }) => {
      if (cookieOf(headers, SESSION_COOKIE) === undefined) return undefined;
      assertFromOurPages(method, headers, publicUrl);
      const found = await find(headers);
      if (found === undefined) return undefined;
      const { cookieHash, session } = found;
      if (session.unnoted) await noteUse(sql, cookieHash);
      const tokens =
        session.accessLeft > LEAST_SECONDS
          ? (sealing.open(session.sealed, cookieHash) as Tokens)
          : await fresh(cookieHash);
      return tokens && { authorization: `Bearer ${tokens.accessToken}`, sessionId: session.sessionId };
    },
    begin: async (userId, { sid, at, tokens }, device) => {
      const cookie = randomBytes(32).toString("base64url");
      const cookieHash = hashOf(cookie);
      const begun = await insertSession(sql, {
        cookieHash,
        sessionId: randomUUID(),
        userId,
        sid,
        signedInAt: at,
        sealed: sealing.seal(tokens, cookieHash),
        accessExpiresAt: new Date(tokens.accessExpiresAt),
        device: device.slice(0, 200),
      });
      return begun ? cookie : undefined;
    },
    find: async (headers) => (await find(headers))?.session,
    end: async (headers, options) => {
      const found = await find(headers);
      if (found === undefined) return undefined;
      const { cookieHash, session } = found;
      await deleteSession(sql, cookieHash);
      if (session.sid !== null && options?.keepProviderSession !== true) await endProviderSession(sql, session.sid);
      return { idToken: (sealing.open(session.sealed, cookieHash) as Tokens).idToken };
    },
  };
}

/** New tokens for a session, asked for once however many requests need them; undefined when it is over. */
function singleFlight(parts: Parts): (cookieHash: Buffer) => Promise<Tokens | undefined> {
  const flying = new Map<string, Promise<Tokens | undefined>>();
  return (cookieHash) => {
    const key = cookieHash.toString("base64");
    const known = flying.get(key);
    if (known !== undefined) return known;
    const flight = refresh(parts, cookieHash).finally(() => flying.delete(key));
    flying.set(key, flight);
    return flight;
  };
}

async function refresh(parts: Parts, cookieHash: Buffer): Promise<Tokens | undefined> {
  const { sql, sealing } = parts;
  const giveUpAt = performance.now() + WAIT_MS;
  while (performance.now() < giveUpAt) {
    const sealed = await claimRefresh(sql, cookieHash, LEAST_SECONDS);
    if (sealed !== undefined) return exchange(parts, cookieHash, sealing.open(sealed, cookieHash) as Tokens);
    const session = await findSession(sql, cookieHash);
    if (session === undefined) return undefined;
    if (session.accessLeft > LEAST_SECONDS) return sealing.open(session.sealed, cookieHash) as Tokens;
    // Another process is at it.
    await pause(LOOK_AGAIN_MS);
  }
  throw new Refusal(
    "unavailable",
    "provider-unavailable",
    "Sign-in is not available right now; try again in a moment.",
    {
      retryAfterSeconds: 2,
    },
  );
}

async function exchange({ sql, sealing, peer }: Parts, cookieHash: Buffer, old: Tokens): Promise<Tokens | undefined> {
  let next: Tokens | null;
  try {
    next = old.refreshToken === null ? null : await peer.refresh(old.refreshToken);
  } catch (error) {
    await releaseRefresh(sql, cookieHash);
    throw error;
  }
  if (next === null) {
    await deleteSession(sql, cookieHash);
    return undefined;
  }
  const tokens = { ...next, idToken: next.idToken ?? old.idToken };
  const kept = await saveTokens(sql, cookieHash, sealing.seal(tokens, cookieHash), new Date(tokens.accessExpiresAt));
  return kept ? tokens : undefined;
}

const hashOf = (cookie: string) => createHash("sha256").update(cookie).digest();
