/** The typed client of `/api`. Commands are sent once in effect: repeated after a network failure under the same key. */
import type { Client } from "openapi-fetch";
import type { paths } from "./schema.gen.ts";
import { Problem } from "./problem.ts";

const ATTEMPTS = 3;

async function send(request: Request): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(request.clone());
      if (response.status !== 503 || attempt === ATTEMPTS) return response;
    } catch (error) {
      if (request.signal.aborted) throw error;
      if (attempt === ATTEMPTS) throw new Problem({ status: 0 });
    }
    await new Promise((resolve) => setTimeout(resolve, 300 * attempt));
  }
}

type Values = Record<string, string | number | boolean | undefined>;
type Options = {
  params?: { path?: Values; query?: Values };
  body?: unknown;
};

/** One request: path and query filled in; a body travels as JSON. */
const method =
  (name: string) =>
  async (path: string, { params, body }: Options = {}) => {
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(params?.path?.[key])));
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(params?.query ?? {})) {
      if (value !== undefined) query.set(key, String(value));
    }
    const headers = new Headers();
    if (body !== undefined) headers.set("Content-Type", "application/json");
    if (name !== "GET") {
      // No other site can make a browser send this header: the server's guard against forged requests.
      headers.set("X-Popug", "1");
      headers.set("Idempotency-Key", crypto.randomUUID());
    }
    const address = query.size === 0 ? filled : `${filled}?${query}`;
    const response = await send(
      new Request(address, { method: name, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }),
    );
    const answer: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined);
    return response.ok ? { data: answer, response } : { error: answer, response };
  };

/**
 * Use with `ask`: `await ask(api.GET("/api/tasks/{taskId}", { params: { path: { taskId } } }))`. Typed as openapi-fetch types
 * it; its code would be a fiftieth of what a browser loads first, for features that nothing here uses.
 */
export const api = {
  GET: method("GET"),
  POST: method("POST"),
  PUT: method("PUT"),
  PATCH: method("PATCH"),
  DELETE: method("DELETE"),
} as unknown as Pick<Client<paths>, "GET" | "POST" | "PUT" | "PATCH" | "DELETE">;

/** To the sign-in page, and back here afterwards. @param again also when there is a session at the provider */
export function signIn(again = false): void {
  const back = new URLSearchParams({ return_to: location.pathname + location.search, ...(again && { again: "1" }) });
  location.assign(`/auth/login?${back}`);
}

/** The data of an answer. @throws Problem with what the server said; without a sign-in, leaves for the sign-in page */
export async function ask<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer;
  if (response.ok) return data as T;
  if (response.status === 401) {
    signIn();
    // The page is on its way out: neither an error nor a half-empty screen should flash.
    return new Promise<T>(() => {});
  }
  throw new Problem({ ...(typeof error === "object" ? error : {}), status: response.status });
}
