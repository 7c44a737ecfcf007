/** The keys of auth for a process that does not run it. */
import type { JSONWebKeySet } from "jose";
import type { LoadKeys } from "../people/token-keys.ts";

const ANSWER_WITHIN_MS = 3_000;

/** Asks the copies of auth one after the other for the public keys that tokens are checked by. */
export function keysOf(urls: readonly string[]): LoadKeys {
  return async () => {
    let failure: unknown;
    for (const url of urls) {
      try {
        const answer = await fetch(`${url}/oidc/jwks`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
        if (answer.ok) return (await answer.json()) as JSONWebKeySet;
        failure = new Error(`${url} answered ${answer.status}`);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };
}
