/** The typed client of `/api`. Commands are sent once in effect: repeated after a network failure under the same key. */
import createClient from "openapi-fetch";
import type { paths } from "./schema.gen.ts";
import { Problem } from "./problem.ts";

const ATTEMPTS = 3;
const unsafe = (method: string) => method !== "GET" && method !== "HEAD";

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

/** Use with `ask`: `await ask(api.GET("/api/tasks/{taskId}", { params: { path: { taskId } } }))`. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: send });

api.use({
  onRequest({ request }) {
    if (!unsafe(request.method)) return;
    // No other site can make a browser send this header: the server's guard against forged requests.
    request.headers.set("X-Popug", "1");
    if (!request.headers.has("Idempotency-Key")) request.headers.set("Idempotency-Key", crypto.randomUUID());
  },
});

/** To the sign-in page, and back here afterwards. */
export function signIn(): void {
  location.assign(`/auth/login?return=${encodeURIComponent(location.pathname + location.search)}`);
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
