/** What auth is outside `/api`: the provider, the sign-in, sessions of browsers. Put together here, mounted by the app. */
import type { FastifyInstance } from "fastify";
import { type CryptoKey, createLocalJWKSet, createRemoteJWKSet, importJWK } from "jose";
import { ClientSecretPost, None, PrivateKeyJwt } from "openid-client";
import type { Logger } from "pino";
import type { JobTools, Sql } from "../../platform/service.ts";
import { findUserIdOf, identityOf } from "../../people/identity.ts";
import type { OtherProvider, Settings } from "../../settings.ts";
import { endProviderSession } from "./access-ending.ts";
import { mountElsewhere } from "./elsewhere-routes.ts";
import { userOfIdentity } from "./identities.ts";
import { type OpenidPeer, openidPeer } from "./openid-peer.ts";
import { mountPageParts } from "./page-scope.ts";
import { API, WEB_CLIENT } from "./provider.ts";
import { hostProvider } from "./provider-host.ts";
import { mountProvider } from "./provider-routes.ts";
import { mountSetup } from "./setup-routes.ts";
import { createSealing, type Sealing } from "./sealing.ts";
import type { Secrets } from "./secrets.ts";
import type { KeyRing } from "./signing-keys.ts";
import { issuerOf, jwks } from "./token.ts";
import { mountBrowserSessions } from "./web-session/browser-routes.ts";
import { readLogoutToken } from "./web-session/logout-token.ts";
import { deleteSessionsNamed } from "./web-session/session-store.ts";
import { createWebSessions, type WebSessions } from "./web-session/sessions.ts";

const KEYS_TIMEOUT_MS = 5_000;

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
  const sealing = createSealing(deps.secrets);
  const { otherProvider } = deps.settings;
  return otherProvider?.instead === true
    ? frontOfAnother(deps, sealing, otherProvider)
    : frontOfOurOwn(deps, sealing, otherProvider);
}

/** Our own provider; beside it, if there is one, another that our sign-in page offers. */
async function frontOfOurOwn(deps: FrontDeps, sealing: Sealing, beside: OtherProvider | null): Promise<Front> {
  const { settings, secrets, keys, sql } = deps;
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
  const { kid } = secrets.webClientKey;
  const peer = openidPeer({
    issuer,
    clientId: WEB_CLIENT,
    auth: PrivateKeyJwt({ key: (await importJWK(secrets.webClientKey, "ES256")) as CryptoKey, kid }),
    scope: "openid profile api",
    parameters: { resource: API },
    fetch: provider.fetch,
  });
  const sessions = createWebSessions({ sql, sealing, peer, publicUrl: settings.publicUrl });

  return {
    sessions,
    mount: async (server) => {
      await mountPageParts(server, settings);
      await mountSetup(server, deps);
      await mountProvider(server, { ...deps, sealing, provider });
      if (beside) {
        await mountElsewhere(server, {
          settings,
          sealing,
          provider,
          peer: peerOf(beside),
          userOf: (signedIn) => userOfIdentity(deps, beside, signedIn),
        });
      }
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

/** Another provider in the place of ours: it has the passwords and the keys, we have the people and their roles. */
function frontOfAnother(deps: FrontDeps, sealing: Sealing, other: OtherProvider): Front {
  const { settings, sql } = deps;
  const peer = peerOf(other);
  const sessions = createWebSessions({ sql, sealing, peer, publicUrl: settings.publicUrl });
  let published: ReturnType<typeof createRemoteJWKSet> | undefined;
  const onLogoutToken = async (token: string) => {
    published ??= createRemoteJWKSet(new URL(await peer.jwksUri()), { timeoutDuration: KEYS_TIMEOUT_MS });
    const said = await readLogoutToken(token, published, { issuer: other.issuer, clientId: other.clientId });
    if (said === undefined) return false;
    if ("sid" in said) await deleteSessionsNamed(sql, said);
    else {
      const userId = await findUserIdOf(sql, identityOf(other.issuer, said.subject));
      if (userId !== undefined) await deleteSessionsNamed(sql, { userId, until: said.issuedAt });
    }
    return true;
  };
  return {
    sessions,
    mount: async (server) => {
      await mountPageParts(server, settings);
      await mountBrowserSessions(server, {
        ...deps,
        sealing,
        peer,
        sessions,
        onLogoutToken,
        userOf: (signedIn) => userOfIdentity(deps, other, signedIn),
        providerElsewhere: true,
      });
    },
  };
}

/** How we are known to a provider of others. */
function peerOf(other: OtherProvider): OpenidPeer {
  // A name of our API that is an address is asked for as RFC 8707 has it; others are a matter of the provider's settings.
  const parameters: Record<string, string> =
    other.instead && URL.canParse(other.audience) ? { resource: other.audience } : {};
  return openidPeer({
    issuer: other.issuer,
    clientId: other.clientId,
    auth: other.clientSecret === null ? None() : ClientSecretPost(other.clientSecret),
    scope: other.instead ? "openid profile email offline_access" : "openid profile email",
    parameters: { ...parameters, ...(other.instead && { prompt: "consent" }) },
  });
}
