/** What auth is outside `/api`: the provider, the sign-in, sessions of browsers. Put together here, mounted by the app. */
import type { FastifyInstance } from "fastify";
import { type CryptoKey, createLocalJWKSet, importJWK } from "jose";
import { PrivateKeyJwt } from "openid-client";
import type { Logger } from "pino";
import type { JobTools, Sql } from "../../platform/service.ts";
import type { Settings } from "../../settings.ts";
import { endProviderSession } from "./access-ending.ts";
import { openidPeer } from "./openid-peer.ts";
import { mountStyle } from "./page-scope.ts";
import { API, WEB_CLIENT } from "./provider.ts";
import { hostProvider } from "./provider-host.ts";
import { mountProvider } from "./provider-routes.ts";
import { mountSetup } from "./setup-routes.ts";
import { createSealing } from "./sealing.ts";
import type { Secrets } from "./secrets.ts";
import type { KeyRing } from "./signing-keys.ts";
import { issuerOf, jwks } from "./token.ts";
import { mountBrowserSessions } from "./web-session/browser-routes.ts";
import { readLogoutToken } from "./web-session/logout-token.ts";
import { deleteSessionsNamed } from "./web-session/session-store.ts";
import { createWebSessions, type WebSessions } from "./web-session/sessions.ts";

export type FrontDeps = {
  settings: Settings;
  secrets: Secrets;
  keys: KeyRing;
  /** As auth's role. */
  sql: Sql;
  transact: JobTools["transact"];
  logger: Pick<Logger, "warn" | "error">;
};

export type Front = {
  sessions: WebSessions;
  /** Registers everything; its own body parsers stay inside. */
  mount: (server: FastifyInstance) => Promise<void>;
};

/** Puts it together; nothing is asked of anybody before the first request. */
export async function openFront(deps: FrontDeps): Promise<Front> {
  const { settings, secrets, keys, sql } = deps;
  const sealing = createSealing(secrets);
  const issuer = issuerOf(settings);

  const onLogoutToken = async (token: string) => {
    const published = createLocalJWKSet(jwks({ signingKeys: await keys.current() }));
    const said = await readLogoutToken(token, published, { issuer, clientId: WEB_CLIENT });
    if (said === undefined) return false;
    if ("sid" in said) await endProviderSession(sql, said.sid);
    else await deleteSessionsNamed(sql, { userId: said.subject, until: said.issuedAt });
    return true;
  };
  const provider = hostProvider({ ...deps, sealing, onLogoutToken });
  const peer = openidPeer({
    issuer,
    clientId: WEB_CLIENT,
    auth: PrivateKeyJwt({
      key: (await importJWK(secrets.webClientKey, "ES256")) as CryptoKey,
      kid: secrets.webClientKey.kid,
    }),
    scope: "openid profile",
    parameters: { resource: API },
    fetch: provider.fetch,
  });
  const sessions = createWebSessions({ sql, sealing, peer, publicUrl: settings.publicUrl });

  return {
    sessions,
    mount: async (server) => {
      await mountStyle(server, settings);
      await mountSetup(server, deps);
      await mountProvider(server, { ...deps, sealing, provider });
      await mountBrowserSessions(server, {
        ...deps,
        sealing,
        peer,
        sessions,
        onLogoutToken,
        userOf: async ({ subject }) => subject,
        providerElsewhere: false,
      });
    },
  };
}
