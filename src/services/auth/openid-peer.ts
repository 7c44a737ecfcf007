/** Signing people in at an OpenID provider: code with PKCE, nonce and state, pushed where the provider takes that. */
import * as openid from "openid-client";
import { Refusal } from "../../platform/refusal.ts";
import { realTime } from "./provider-time.ts";

/** How we are known to a provider. */
export type PeerSettings = {
  issuer: string;
  clientId: string;
  auth: openid.ClientAuth;
  scope: string;
  /** More parameters of the request to sign in. */
  parameters?: Record<string, string>;
  /** Replaces the network. */
  fetch?: openid.CustomFetch;
};

/** What has to be remembered between the way to the provider and the way back. */
export type Pending = { state: string; nonce: string; verifier: string };

export type Tokens = {
  accessToken: string;
  /** Milliseconds since 1970. */
  accessExpiresAt: number;
  refreshToken: string | null;
  idToken: string | null;
};

/** Who signed in, by what the ID token says. */
export type SignedIn = {
  subject: string;
  sid: string | null;
  /** When they showed it; null: the provider does not say. */
  at: Date | null;
  claims: Record<string, unknown>;
  tokens: Tokens;
};

export type OpenidPeer = {
  /** Where to send the browser. @param again true: whoever is signed in at the provider shows once more who they are */
  begin: (redirectUri: string, again?: boolean) => Promise<{ address: string; pending: Pending }>;
  /** @throws Refusal `sign-in-failed` when the answer is not one to this request, or the provider said no */
  finish: (answer: URL, pending: Pending) => Promise<SignedIn>;
  /** New tokens; null when the provider has ended this sign-in. @throws Refusal `provider-unavailable` */
  refresh: (refreshToken: string) => Promise<Tokens | null>;
  /** Where to send the browser to end the provider's session as well; null when it offers no such place. */
  endAddress: (idToken: string | null, backTo: string) => Promise<string | null>;
  /** The provider's public keys. */
  jwksUri: () => Promise<string>;
};

const TIMEOUT_SECONDS = 5;
/** Asked for with a new sign-in: a provider that gets this has to say when it was (OpenID Connect Core, 3.1.2.1). */
const AGAIN_SECONDS = "300";
/** For providers that do not say how long their access tokens live. */
const DEFAULT_LIFE_SECONDS = 300;

/** Asks the provider for its description at first use; until that succeeds, again at each use. */
export function openidPeer(settings: PeerSettings): OpenidPeer {
  let known: Promise<openid.Configuration> | undefined;
  const configuration = () => {
    known ??= discover(settings).catch((error: unknown) => {
      known = undefined;
      throw unavailable(error);
    });
    return known;
  };
  return {
    begin: async (redirectUri, again = false) => {
      const config = await configuration();
      const pending = {
        state: openid.randomState(),
        nonce: openid.randomNonce(),
        verifier: openid.randomPKCECodeVerifier(),
      };
      const { prompt, ...others } = settings.parameters ?? {};
      const prompts = [...(again ? ["login"] : []), ...(prompt === undefined ? [] : [prompt])];
      const parameters = {
        ...others,
        ...(prompts.length > 0 && { prompt: prompts.join(" ") }),
        ...(again && { max_age: AGAIN_SECONDS }),
        redirect_uri: redirectUri,
        scope: settings.scope,
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: "S256",
      };
      const pushes = config.serverMetadata().pushed_authorization_request_endpoint !== undefined;
      const address = pushes
        ? await openid.buildAuthorizationUrlWithPAR(config, parameters).catch((error: unknown) => {
            throw unavailable(error);
          })
        : openid.buildAuthorizationUrl(config, parameters);
      return { address: address.href, pending };
    },
    finish: async (answer, pending) => {
      const config = await configuration();
      const got = await openid
        .authorizationCodeGrant(config, answer, {
          pkceCodeVerifier: pending.verifier,
          expectedState: pending.state,
          expectedNonce: pending.nonce,
          idTokenExpected: true,
        })
        .catch((error: unknown) => {
          throw isAnswer(error)
            ? new Refusal("unauthenticated", "sign-in-failed", "The sign-in did not succeed; start again.", {
                cause: error,
              })
            : unavailable(error);
        });
      const claims = got.claims();
      if (claims === undefined) throw new Error("an ID token was expected and has no claims");
      const { sid, auth_time: at } = claims;
      return {
        subject: claims.sub,
        sid: typeof sid === "string" ? sid : null,
        at: at === undefined ? null : new Date(at * 1_000),
        claims,
        tokens: tokensOf(got, null),
      };
    },
    refresh: async (refreshToken) => {
      const config = await configuration();
      try {
        return tokensOf(await openid.refreshTokenGrant(config, refreshToken), refreshToken);
      } catch (error) {
        if (isAnswer(error)) return null;
        throw unavailable(error);
      }
    },
    endAddress: async (idToken, backTo) => {
      const config = await configuration();
      if (config.serverMetadata().end_session_endpoint === undefined) return null;
      return openid.buildEndSessionUrl(config, {
        post_logout_redirect_uri: backTo,
        ...(idToken !== null && { id_token_hint: idToken }),
      }).href;
    },
    jwksUri: async () => (await configuration()).serverMetadata().jwks_uri ?? "",
  };
}

async function discover(settings: PeerSettings): Promise<openid.Configuration> {
  // What comes without a network needs no signature to tell who it is from.
  const execute = settings.fetch ? [] : [openid.enableNonRepudiationChecks];
  if (settings.issuer.startsWith("http:")) execute.push(openid.allowInsecureRequests);
  return openid.discovery(new URL(settings.issuer), settings.clientId, {}, settings.auth, {
    execute,
    timeout: TIMEOUT_SECONDS,
    ...(settings.fetch && { [openid.customFetch]: settings.fetch }),
  });
}

function tokensOf(
  answer: openid.TokenEndpointResponse & openid.TokenEndpointResponseHelpers,
  before: string | null,
): Tokens {
  return {
    accessToken: answer.access_token,
    accessExpiresAt: realTime() + (answer.expiresIn() ?? DEFAULT_LIFE_SECONDS) * 1_000,
    refreshToken: answer.refresh_token ?? before,
    idToken: answer.id_token ?? null,
  };
}

/** Whether the provider did answer, and the answer is no (or no good): asking again would not help. */
function isAnswer(error: unknown): boolean {
  if (error instanceof openid.ResponseBodyError) return error.status < 500 && error.status !== 429;
  if (error instanceof openid.AuthorizationResponseError) return true;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  // Everything else that the library finds wrong with an answer, except that there was none.
  return code.startsWith("OAUTH_") && !["OAUTH_TIMEOUT", "OAUTH_ABORT"].includes(code);
}

function unavailable(cause: unknown): Refusal {
  if (cause instanceof Refusal) return cause;
  return new Refusal(
    "unavailable",
    "provider-unavailable",
    "Sign-in is not available right now; try again in a moment.",
    {
      retryAfterSeconds: 5,
      cause,
    },
  );
}
