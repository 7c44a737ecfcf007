/** Another OpenID provider, on this machine: signs in whoever the test says, without a page. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

export type OtherProviderPeer = {
  issuer: string;
  /** Who signs in next, and what is said of them. */
  person: { subject: string; claims: Record<string, unknown> };
  /** Whether its access tokens say to whom they were issued. */
  saysClient: boolean;
  /** Requests below these paths that came so far. */
  asked: Record<string, number>;
  stop: () => Promise<void>;
};

export const SECRET = "a secret of at least thirty-two characters";
export const API = "https://api.popug.test";

/** Starts one that knows two clients, `popug` and another application of the company, `golf`. */
export async function startOtherProvider(redirectUris: string[]): Promise<OtherProviderPeer> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const peer: OtherProviderPeer = {
    issuer,
    person: { subject: "nobody", claims: {} },
    saysClient: true,
    asked: {},
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  const known = new Map<string, Record<string, unknown>>();
  const provider: Provider = new Provider(issuer, {
    clients: ["popug", "golf"].map((client_id) => ({
      client_id,
      client_secret: SECRET,
      token_endpoint_auth_method: "client_secret_post",
      redirect_uris: redirectUris,
      post_logout_redirect_uris: ["http://localhost:7070/"],
      grant_types: ["authorization_code", "refresh_token"],
    })),
    formats: {
      customizers: {
        jwt: (_ctx, _token, jwt) => {
          if (!peer.saysClient) delete jwt.payload["client_id"];
        },
      },
    },
    scopes: ["openid", "offline_access"],
    claims: { openid: ["sub", "name", "preferred_username", "email", "groups"] },
    conformIdTokenClaims: false,
    cookies: { keys: ["keys of the other one"] },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: "", audience: API, accessTokenFormat: "jwt", accessTokenTTL: 3_600 }),
      },
    },
    interactions: { url: (_ctx, interaction) => `/sign-in/${interaction.uid}` },
    findAccount: (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id, ...known.get(id) }) }),
    loadExistingGrant: async (ctx) => {
      const { client, session, params } = ctx.oidc;
      if (!client || !session?.accountId) return undefined;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(typeof params?.["scope"] === "string" ? params["scope"] : "openid");
      if (typeof params?.["resource"] === "string") grant.addResourceScope(params["resource"], "");
      await grant.save();
      return grant;
    },
    issueRefreshToken: async () => true,
  });
  const handle = provider.callback();
  server.on("request", (request, response) => {
    const path = (request.url ?? "").split(/[?]/)[0] ?? "";
    peer.asked[path] = (peer.asked[path] ?? 0) + 1;
    if (!path.startsWith("/sign-in/")) return void handle(request, response);
    const { subject, claims } = peer.person;
    known.set(subject, claims);
    void provider.interactionFinished(request, response, { login: { accountId: subject }, consent: {} });
  });
  return peer;
}

/** Follows the other provider's redirects, with its own cookies, until it sends the browser back to us. */
export async function throughOtherProvider(address: string, backTo: string): Promise<string> {
  const cookies = new Map<string, string>();
  for (let at = address, hop = 0; hop < 10; hop++) {
    if (at.startsWith(backTo)) return at;
    const response = await fetch(at, {
      redirect: "manual",
      headers: { cookie: [...cookies].map((pair) => pair.join("=")).join("; ") },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    const next = response.headers.get("location");
    if (next === null) throw new Error(`${at}: ${response.status} ${await response.text()}`);
    at = new URL(next, at).href;
  }
  throw new Error("the other provider leads in a circle");
}
