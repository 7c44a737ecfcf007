/** An application that speaks the protocol with our provider, for the modules of the plans. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import type { RelyingParty } from "../../src/settings.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { Browser, type Seen } from "../services/auth/browser.ts";
import { newcomer, PASSWORD } from "../services/auth/web-browser.ts";

export const OURS = "http://localhost:7070";
export const ISSUER = `${OURS}/oidc`;
export const SECRET = "a secret of at least thirty-two characters";
export const callback = `${OURS}/test-app/callback`;
export const afterLogout = `${OURS}/test-app/signed-out`;

export let app: TestApp;
export let userId: string;
export const logoutTokens: string[] = [];
const listener = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    logoutTokens.push(new URLSearchParams(body).get("logout_token") ?? "");
    response.end();
  });
});
/** Starts ours, with three applications, one of which listens for sign-outs. */
export async function begin(): Promise<void> {
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/backchannel`;
  const party = (client_id: string, more: Partial<RelyingParty>): RelyingParty => ({
    client_id,
    own: true,
    client_secret: SECRET,
    token_endpoint_auth_method: "client_secret_basic",
    redirect_uris: [callback],
    post_logout_redirect_uris: [afterLogout],
    backchannel_logout_uri: address,
    ...more,
  });
  app = await startTestApp({
    people: [],
    settings: {
      demo: false,
      relyingParties: [
        party("basic", {}),
        party("post", { token_endpoint_auth_method: "client_secret_post" }),
        party("second", { redirect_uris: [`${OURS}/second/callback`] }),
      ],
    },
  });
  userId = await newcomer(app, "kesha", { email: "kesha@popug.test", language: "ru" });
}

export async function end(): Promise<void> {
  await app?.stop();
  listener.closeAllConnections();
  listener.close();
}

export type Parameters = Record<string, string | undefined>;
export type Flow = { verifier: string; state: string; nonce: string | undefined; parameters: Record<string, string> };

export function flowOf(change: Parameters = {}): Flow {
  const verifier = randomBytes(32).toString("base64url");
  const all: Parameters = {
    client_id: "basic",
    response_type: "code",
    redirect_uri: callback,
    scope: "openid",
    state: randomBytes(8).toString("hex"),
    nonce: randomBytes(8).toString("hex"),
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...change,
  };
  const given = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { verifier, state: all["state"] ?? "", nonce: all["nonce"], parameters: Object.fromEntries(given) };
}

export const ask = (browser: Browser, flow: Flow) => browser.go(`/oidc/auth?${new URLSearchParams(flow.parameters)}`);

/** Goes on from an answer to where the application is told something, signing in when asked. */
export async function land(
  browser: Browser,
  seen: Seen,
): Promise<{ answer: URLSearchParams; asked: boolean; page: Seen | null }> {
  let asked = false;
  let page: Seen | null = null;
  for (let hop = 0; hop < 8; hop++) {
    const { location } = seen;
    assert.ok(location, `${seen.status} ${seen.text}`);
    if (location.startsWith(callback)) return { answer: new URL(location).searchParams, asked, page };
    if (location.startsWith("/login/")) {
      const opened = await browser.go(location);
      // Nobody is asked about applications of our own; only the password is asked for.
      if (opened.location !== null) {
        seen = opened;
        continue;
      }
      page = opened;
      asked = true;
      assert.equal(page.status, 200);
      seen = await browser.go(location, { form: { login: "kesha", password: PASSWORD }, headers: { origin: OURS } });
    } else seen = await browser.go(location);
  }
  assert.fail("never landed");
}

export type Answer = { status: number; body: any; headers: Headers }; // oxlint-disable-line no-explicit-any -- many shapes
export async function token(parameters: Record<string, string>, client = "basic"): Promise<Answer> {
  const response = await fetch(`${app.url}/oidc/token`, {
    method: "POST",
    headers: client === "post" ? {} : { authorization: `Basic ${btoa(`${client}:${encodeURIComponent(SECRET)}`)}` },
    body: new URLSearchParams({
      ...parameters,
      ...(client === "post" && { client_id: "post", client_secret: SECRET }),
    }),
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

export const redeem = (flow: Flow, answer: URLSearchParams, client = "basic") =>
  token(
    {
      grant_type: "authorization_code",
      code: answer.get("code") ?? "",
      redirect_uri: callback,
      code_verifier: flow.verifier,
    },
    client,
  );

/** A whole sign-in with what came of it, all of it checked as the specification asks. */
export async function signIn(change: Parameters = {}, browser = new Browser(app)) {
  const flow = flowOf(change);
  const { answer, asked, page } = await land(browser, await ask(browser, flow));
  assert.equal(answer.get("error"), null, String(answer));
  assert.equal(answer.get("state"), flow.state);
  assert.equal(answer.get("iss"), ISSUER);
  const client = flow.parameters["client_id"] ?? "";
  const { status, body, headers } = await redeem(flow, answer, client);
  assert.equal(status, 200, JSON.stringify(body));
  assert.match(headers.get("cache-control") ?? "", /no-store/);
  assert.equal(body.token_type, "Bearer");
  const id = await jwtVerify(body.id_token, createRemoteJWKSet(new URL(`${app.url}/oidc/jwks`)), {
    issuer: ISSUER,
    audience: client,
    algorithms: ["ES256"],
  });
  assert.equal(id.payload["nonce"], flow.nonce);
  assert.equal(id.payload.sub, userId);
  assert.ok(decodeProtectedHeader(body.id_token).kid);
  return { browser, flow, answer, asked, page, tokens: body, claims: id.payload };
}

export async function userinfo(accessToken: string, how: "get" | "header" | "body" = "get") {
  const response = await fetch(`${app.url}/oidc/me`, {
    method: how === "get" ? "GET" : "POST",
    headers: how === "body" ? {} : { authorization: `Bearer ${accessToken}` },
    ...(how === "body" && { body: new URLSearchParams({ access_token: accessToken }) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

export const discovery = async () =>
  (await (await fetch(`${app.url}/oidc/.well-known/openid-configuration`)).json()) as Record<string, unknown>;

export async function scope(name: string, claims: Record<string, unknown>) {
  const { tokens } = await signIn({ scope: `openid ${name}` });
  const { body } = await userinfo(tokens.access_token);
  assert.equal(body["sub"], userId);
  for (const [claim, value] of Object.entries(claims)) assert.deepEqual(body[claim], value, claim);
}

export async function passes(change: Parameters) {
  await signIn(change);
}

/** Asks for the end of the session and confirms. */
export async function signOut(browser: Browser, parameters: Record<string, string>) {
  const page = await browser.go(`/oidc/session/end?${new URLSearchParams(parameters)}`);
  if (page.status !== 200) return { page, done: null, reached: null };
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] ?? "";
  const done = await browser.go("/oidc/session/end/confirm", { form: { xsrf, logout: "yes" } });
  return { page, done, reached: done.location };
}

export const isSignedOut = async (browser: Browser) =>
  assert.match((await ask(browser, flowOf())).location ?? "", /^\/login\//, "still signed in");

export async function logoutRefused(parameters: (tokens: Record<string, string>) => Record<string, string>) {
  const { browser, tokens } = await signIn();
  const { page } = await signOut(browser, parameters(tokens));
  assert.equal(page.status, 400, page.text);
  assert.ok((await land(browser, await ask(browser, flowOf()))).answer.get("code"), "signed out all the same");
}

export async function logoutReaches(
  parameters: (tokens: Record<string, string>) => Record<string, string>,
  check: (reached: string) => void,
) {
  const { browser, tokens } = await signIn();
  const { reached, done } = await signOut(browser, parameters(tokens));
  assert.equal(done?.status, 303, done?.text);
  check(reached ?? "");
  await isSignedOut(browser);
}

export const ourPage = (reached: string) => assert.equal(new URL(reached, OURS).pathname, "/oidc/session/end/success");

export async function assertLogoutToken(sid: string, subject = userId) {
  assert.equal(logoutTokens.length, 1, `${logoutTokens.length} logout tokens`);
  const keys = createRemoteJWKSet(new URL(`${app.url}/oidc/jwks`));
  const { payload, protectedHeader } = await jwtVerify(logoutTokens[0] ?? "", keys, {
    issuer: ISSUER,
    audience: "basic",
  });
  assert.equal(protectedHeader.typ, "logout+jwt");
  assert.equal(payload["sid"], sid);
  assert.equal(payload.sub ?? subject, subject);
  assert.deepEqual(payload["events"], { "http://schemas.openid.net/event/backchannel-logout": {} });
  assert.ok(payload.jti && payload.iat && payload["nonce"] === undefined);
}
