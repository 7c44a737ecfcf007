/**
 * Runs the OpenID provider: makes it anew when the signing keys change, shows it each request as it looks from outside,
 * and lets our own web application talk to it without a network.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import inject from "light-my-request";
import type Provider from "oidc-provider";
import type { CustomFetch } from "openid-client";
import type { Logger } from "pino";
import type { Sql } from "../../platform/service.ts";
import type { Settings } from "../../settings.ts";
import { pageHeaders } from "./page-scope.ts";
import { createProvider } from "./provider.ts";
import type { Sealing } from "./sealing.ts";
import type { Secrets } from "./secrets.ts";
import type { KeyRing, SigningKeys } from "./signing-keys.ts";

export type ProviderHost = {
  /** The provider with the keys of this moment. What it knows is in the database, so any of them can go on with anything. */
  current: () => Promise<Provider>;
  /** Answers a request below `/oidc`. */
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** `fetch` for addresses of this provider. */
  fetch: CustomFetch;
};

export type ProviderDeps = {
  settings: Settings;
  secrets: Secrets;
  sealing: Sealing;
  keys: KeyRing;
  sql: Sql;
  logger: Pick<Logger, "warn" | "error">;
  /** Takes a logout token that is meant for our own web application; false when it is no good. */
  onLogoutToken: (token: string) => Promise<boolean>;
};

/** Opens it; nothing is made before the first request. */
export function hostProvider(deps: ProviderDeps): ProviderHost {
  let made: { keys: SigningKeys; provider: Provider; handle: ReturnType<Provider["callback"]> } | undefined;
  const current = async () => {
    const keys = await deps.keys.current();
    if (made?.keys !== keys) {
      const provider = createProvider({ ...deps, signingKeys: keys });
      provider.on("server_error", (_ctx, error) => deps.logger.error({ err: error }, "the OpenID provider failed"));
      provider.on("backchannel.error", (_ctx, error, client) =>
        deps.logger.warn({ err: error, client: client.clientId }, "an application could not be told of a sign-out"),
      );
      made = { keys, provider, handle: provider.callback() };
    }
    return made;
  };
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { handle: answer } = await current();
    for (const [name, value] of Object.entries(pageHeaders(deps.settings))) response.setHeader(name, value);
    inOurWay(response);
    await answer(asSeenFromOutside(request, deps.settings), response);
  };
  return {
    current: async () => (await current()).provider,
    handle,
    fetch: async (address, { method, headers, body }) => {
      const { pathname, search } = new URL(address);
      const answer = await inject((request, response) => void handle(request, response), {
        method: method as "GET" | "POST",
        url: pathname + search,
        headers: Object.fromEntries(Object.entries(headers)),
        ...((typeof body === "string" || body instanceof URLSearchParams) && { payload: body.toString() }),
      });
      const bare = answer.statusCode === 204 || answer.statusCode === 304;
      return new Response(bare ? null : new Uint8Array(answer.rawPayload), {
        status: answer.statusCode,
        headers: Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as [string, string]),
      });
    },
  };
}

/**
 * The request as if it had come to our public address: addresses that the library writes (endpoints, redirects) follow
 * from the settings, never from what a client claims in `Host` or `X-Forwarded-*`.
 */
export function asSeenFromOutside(request: IncomingMessage, settings: Settings): IncomingMessage {
  const outside = new URL(settings.publicUrl);
  request.headers.host = outside.host;
  request.headers["x-forwarded-host"] = outside.host;
  request.headers["x-forwarded-proto"] = outside.protocol.slice(0, -1);
  delete request.headers["x-forwarded-for"];
  // The library works below its mount path and finds that path by comparing the two.
  const whole = request.url ?? "/";
  if (whole.startsWith("/oidc/")) {
    Object.assign(request, { originalUrl: whole });
    request.url = whole.slice("/oidc".length);
  }
  return request;
}

/**
 * Two headers are not left to the library: it leaves `Secure` out over plain http, where browsers take it on localhost and
 * the names of our cookies require it; and it lets pages of any site read some of its answers, which none of ours needs.
 */
function inOurWay(response: ServerResponse): void {
  const setHeader = response.setHeader.bind(response);
  response.setHeader = (name, value) => {
    if (name.toLowerCase().startsWith("access-control-")) return response;
    if (name.toLowerCase() !== "set-cookie") return setHeader(name, value);
    const lines = Array.isArray(value) ? value : [String(value)];
    return setHeader(
      name,
      lines.map((line) => (/;\s*secure/i.test(line) ? line : `${line}; secure`)),
    );
  };
}
