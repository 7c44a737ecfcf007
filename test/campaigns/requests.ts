/** Requests to an installation that may be gone in the midst of them: somebody of a role, who keeps a token for a while. */
import assert from "node:assert/strict";
import type { Sql } from "../../src/platform/service.ts";
import { loadSecrets } from "../../src/services/auth/secrets.ts";
import { mintToken } from "../../src/services/auth/token.ts";

/** Half of what a token lives. */
const TOKEN_FOR_MS = 150_000;

type Person = { userId: string; login: string; roles: never[]; version: number };

/**
 * @param at the issuer of tokens, and where its secrets are
 * @param auth asks the database of auth
 */
export function requestsTo(at: { publicUrl: string; secretsDir: string }, auth: Sql) {
  const tokens = new Map<string, { token: string; at: number }>();
  let people: Person[] | undefined;
  const tokenOf = async (role: string): Promise<string> => {
    const known = tokens.get(role);
    if (known && Date.now() - known.at < TOKEN_FOR_MS) return known.token;
    people ??= await auth<Person>(`select user_id as "userId", login, roles, version from auth.person order by login`);
    const person = people.find(({ roles }) => roles.some((held) => held === role));
    assert(person, `nobody is ${role}`);
    const token = await mintToken(await loadSecrets(at.secretsDir), at, person);
    tokens.set(role, { token, at: Date.now() });
    return token;
  };
  /** One request; throws when there is no answer. */
  return async (url: string, role: string, method: string, path: string, body?: unknown, key?: string) => {
    const response = await fetch(`${url}/api${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await tokenOf(role)}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(key !== undefined && { "idempotency-key": key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
    return { status: response.status, body: (await response.json()) as any };
  };
}
