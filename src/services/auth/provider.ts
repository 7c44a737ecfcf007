/**
 * The OpenID provider: `oidc-provider` with our decisions. This is the only file that knows the library's settings; what
 * it says to others is plain OpenID Connect.
 */
import "./provider-warning.ts";
import Provider, {
  type Account,
  type ClientMetadata,
  type Configuration,
  errors,
  type KoaContextWithOIDC,
} from "oidc-provider";
import type { RelyingParty, Settings } from "../../settings.ts";
import type { Sql } from "../../platform/service.ts";
import { lookOf } from "./page-layout.ts";
import { errorPage, logoutPage, signedOutPage } from "./pages.ts";
import { rights } from "./consent-page.ts";
import { findConsent, stillConsents } from "./consent-store.ts";
import { graceIsOver } from "./passkey-store.ts";
import { createAdapters } from "./provider-adapter.ts";
import { askedAbout } from "./relying-parties.ts";
import type { Sealing } from "./sealing.ts";
import type { Secrets } from "./secrets.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { ACCESS_TOKEN_SECONDS, AUDIENCE, issuerOf, tokenClaims } from "./token.ts";
import { findUser } from "./user-store.ts";
import type { User } from "./users.ts";

/** The web application of this installation. */
export const WEB_CLIENT = "popug-web";
/** The name of our API among the resources; a token for it is the only kind there is. */
export const API = "urn:popug:api";
const API_SCOPE = "api";

/** Where our web application takes logout tokens. */
export const LOGOUT_TOKEN_PATH = "/oidc-backchannel-logout";

const HOUR = 3_600;
const CODE_SECONDS = 30;
const INTERACTION_SECONDS = 600;
const REFRESH_IDLE_SECONDS = HOUR / 2;
/** After this time one signs in again, whatever happened in between. */
const SESSION_SECONDS = 8 * HOUR;

/** Where the login page of an interaction is. */
export const loginPath = (uid: string) => `/login/${uid}`;

type Parts = {
  settings: Settings;
  secrets: Secrets;
  sealing: Sealing;
  sql: Sql;
  signingKeys: SigningKeys;
  /** Takes a logout token that is meant for our own web application; false when it is no good. */
  onLogoutToken: (token: string) => Promise<boolean>;
};

/** Makes the provider. Mounted by `provider-routes.ts`, which also sets the headers that the library leaves to us. */
export function createProvider(parts: Parts): Provider {
  const provider = new Provider(issuerOf(parts.settings), configuration(parts));
  // Host and scheme are set from our public address before the library sees a request: see `provider-routes.ts`.
  provider.proxy = true;
  return provider;
}

function configuration(parts: Parts): Configuration {
  const { settings, secrets, sealing, sql, signingKeys } = parts;
  const look = (ctx: KoaContextWithOIDC) => lookOf(settings, ctx.headers);
  return {
    adapter: createAdapters(sql, sealing),
    jwks: {
      keys: signingKeys.map(({ from: _, ...key }) => ({ ...key, alg: "ES256", use: "sig" })) as never,
    },
    clients: [ourWebClient(settings, secrets), ...settings.relyingParties.map(asClient)] as ClientMetadata[],
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    enabledJWA: {
      idTokenSigningAlgValues: ["ES256"],
      requestObjectSigningAlgValues: ["ES256"],
      userinfoSigningAlgValues: ["ES256"],
      clientAuthSigningAlgValues: ["ES256"],
      introspectionSigningAlgValues: ["ES256"],
      authorizationSigningAlgValues: ["ES256"],
      dPoPSigningAlgValues: ["ES256"],
    },
    responseTypes: ["code"],
    subjectTypes: ["public"],
    scopes: ["openid", "offline_access"],
    claims: { openid: ["sub"], profile: ["name", "preferred_username", "locale"], email: ["email"] },
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    clientBasedCORS: () => false,
    features: {
      devInteractions: { enabled: false },
      // Of the drafts and extensions, what we use and nothing else.
      clientCredentials: { enabled: false },
      deviceFlow: { enabled: false },
      introspection: { enabled: false },
      dPoP: { enabled: false },
      requestObjects: { enabled: false },
      revocation: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => show(ctx, logoutPage(look(ctx), form)),
        postLogoutSuccessSource: (ctx) => show(ctx, signedOutPage(look(ctx))),
      },
      resourceIndicators: {
        enabled: true,
        // Whoever asks for our API gets tokens for it; other applications get such as only we understand, for userinfo.
        defaultResource: (ctx) => (scopeOf(ctx).includes(API_SCOPE) ? API : []),
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => {
          if (resource !== API) throw new errors.InvalidTarget();
          return {
            scope: API_SCOPE,
            audience: AUDIENCE,
            accessTokenTTL: ACCESS_TOKEN_SECONDS,
            accessTokenFormat: "jwt",
            jwt: { sign: { alg: "ES256" } },
          };
        },
      },
    },
    cookies: {
      keys: [secrets.cookieKey],
      names: {
        session: "__Secure-popug-provider",
        interaction: "__Secure-popug-interaction",
        resume: "__Secure-popug-resume",
      },
      long: { httpOnly: true, sameSite: "lax", signed: true, path: "/oidc" },
      short: { httpOnly: true, sameSite: "lax", signed: true },
    },
    ttl: {
      AuthorizationCode: CODE_SECONDS,
      AccessToken: ACCESS_TOKEN_SECONDS,
      IdToken: ACCESS_TOKEN_SECONDS,
      Interaction: INTERACTION_SECONDS,
      Grant: SESSION_SECONDS,
      Session: (_ctx, session) => remaining(session.loginTs, SESSION_SECONDS),
      RefreshToken: (_ctx, token) => Math.min(REFRESH_IDLE_SECONDS, remaining(token.iiat, SESSION_SECONDS)),
    },
    fetch: guardedFetch(parts),
    rotateRefreshToken: true,
    // Refresh tokens end with the session either way.
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    loadExistingGrant: (ctx) => grantOf(parts, ctx),
    interactions: { url: (_ctx, interaction) => loginPath(interaction.uid) },
    findAccount: async (_ctx, id) => accountOf(await findActive(sql, id)),
    extraTokenClaims: async ({ oidc: { entities } }, token) => {
      const user = "accountId" in token && token.accountId ? await findActive(sql, token.accountId) : undefined;
      if (!user) return undefined;
      const { amr } = entities.AuthorizationCode ?? entities.RefreshToken ?? {};
      return tokenClaims(user, await isLimited(sql, settings, user.userId, amr));
    },
    renderError: (ctx, out) => show(ctx, errorPage(look(ctx), out)),
  };
}

/** Our own web application: a confidential client that proves itself with a key and sends its requests ahead. */
function ourWebClient({ publicUrl }: Settings, { webClientKey }: Secrets) {
  const { d: _, ...publicKey } = webClientKey;
  return {
    client_id: WEB_CLIENT,
    client_name: "Popug",
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_signing_alg: "ES256",
    jwks: { keys: [publicKey] },
    require_pushed_authorization_requests: true,
    require_auth_time: true,
    response_types: ["code"],
    grant_types: ["authorization_code", "refresh_token"],
    redirect_uris: [`${publicUrl}/auth/callback`],
    post_logout_redirect_uris: [`${publicUrl}/`],
    backchannel_logout_uri: `${publicUrl}${LOGOUT_TOKEN_PATH}`,
    backchannel_logout_session_required: true,
  };
}

function asClient({ own: _, ...party }: RelyingParty) {
  return {
    ...party,
    response_types: ["code"],
    grant_types: ["authorization_code", "refresh_token"],
    ...(party.backchannel_logout_uri !== undefined && { backchannel_logout_session_required: true }),
  };
}

/**
 * What the provider sends by itself: logout tokens. The library refuses addresses inside our own network; those that the
 * operator has registered are meant, these and no others.
 */
function guardedFetch({ settings, onLogoutToken }: Parts): typeof fetch {
  const registered = new Set(settings.relyingParties.map((party) => party.backchannel_logout_uri));
  return async (address, options = {}) => {
    // The library gives an address as text, and its body as what a form has.
    const url = typeof address === "string" ? address : "url" in address ? address.url : address.href;
    if (url === `${settings.publicUrl}${LOGOUT_TOKEN_PATH}`) {
      const token = options.body instanceof URLSearchParams ? (options.body.get("logout_token") ?? "") : "";
      return new Response(null, { status: (await onLogoutToken(token)) ? 204 : 400 });
    }
    if (!registered.has(url)) return fetch(url, options);
    const { dispatcher: _, ...rest } = options as RequestInit & { dispatcher?: unknown };
    return fetch(url, rest);
  };
}

/** Seconds left of `lifetime` since an instant; at least one, as the library wants a positive number. */
function remaining(since: number | undefined, lifetime: number): number {
  const now = Math.floor(Date.now() / 1_000);
  return Math.max(1, (since ?? now) + lifetime - now);
}

/** Whether somebody came with a password alone who has to come with a passkey by now. */
async function isLimited(
  sql: Sql,
  { passkeyGraceDays }: Settings,
  userId: string,
  amr: readonly string[] | undefined,
): Promise<boolean> {
  if (passkeyGraceDays === null || (amr !== undefined && !amr.includes("pwd"))) return false;
  return graceIsOver(sql, userId, passkeyGraceDays);
}

async function findActive(sql: Sql, userId: string): Promise<User | undefined> {
  const user = await findUser(sql, userId);
  return user?.status === "active" ? user : undefined;
}

function accountOf(user: User | undefined): Account | undefined {
  return (
    user && {
      accountId: user.userId,
      claims: async () => ({
        sub: user.userId,
        name: user.name,
        preferred_username: user.login,
        locale: user.language,
        email: user.email,
      }),
    }
  );
}

/** What is asked for, or was when the code or the refresh token was issued. */
function scopeOf({ oidc: { params, entities } }: KoaContextWithOIDC): string[] {
  const said = params?.["scope"] ?? entities.AuthorizationCode?.scope ?? entities.RefreshToken?.scope;
  return typeof said === "string" ? said.split(" ") : [];
}

/**
 * What a client has of the person of this session: our own all that there is, another what they allowed it. Undefined:
 * nothing yet, so the person is asked.
 */
async function grantOf({ settings, sql }: Parts, ctx: KoaContextWithOIDC) {
  const { client, session, provider } = ctx.oidc;
  if (!client || !session?.accountId) return undefined;
  const { clientId } = client;
  const asked = askedAbout(settings, clientId) !== undefined;
  const allowed = asked ? await findConsent(sql, session.accountId, clientId) : rights;
  if (allowed.length === 0) return undefined;
  const known = session.grantIdFor(clientId);
  const found = known && (await provider.Grant.find(known));
  const grant = found || new provider.Grant({ clientId, accountId: session.accountId });
  grant.addOIDCScope(["offline_access", ...allowed.filter((right) => right !== API_SCOPE)].join(" "));
  if (allowed.includes(API_SCOPE)) grant.addResourceScope(API, API_SCOPE);
  await grant.save();
  // Whoever takes it back from now on finds the grant; if they did meanwhile, they may have missed it.
  if (asked && !(await stillConsents(sql, session.accountId, clientId))) {
    await grant.destroy();
    return undefined;
  }
  return grant;
}

function show(ctx: KoaContextWithOIDC, html: string): void {
  ctx.type = "html";
  ctx.body = html;
}
