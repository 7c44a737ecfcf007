/** A browser without JavaScript, as far as signing in needs one: cookies by path, redirects by hand, one form. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import type { RelyingParty } from "../../../src/settings.ts";
import type { TestApp } from "../../kit/app.ts";

type Cookie = { value: string; path: string };

export type Seen = { status: number; location: string | null; text: string; headers: Headers };

export class Browser {
  readonly #app: Pick<TestApp, "app" | "url">;
  readonly cookies = new Map<string, Cookie>();

  constructor(app: Pick<TestApp, "app" | "url">) {
    this.#app = app;
  }

  /** Public addresses and paths lead to where the app listens. */
  async go(
    address: string,
    options: { form?: Record<string, string>; headers?: Record<string, string> } = {},
  ): Promise<Seen> {
    const { publicUrl } = this.#app.app.config.settings;
    const path = address.startsWith(publicUrl) ? address.slice(publicUrl.length) : address;
    assert.ok(path.startsWith("/"), `leads out of the system: ${address}`);
    const cookies = [...this.cookies]
      .filter(([, cookie]) => path.startsWith(cookie.path))
      .map(([name, cookie]) => `${name}=${cookie.value}`);
    const response = await this.send(path, {
      method: options.form ? "POST" : "GET",
      redirect: "manual",
      headers: { accept: "text/html", ...(cookies.length > 0 && { cookie: cookies.join("; ") }), ...options.headers },
      ...(options.form && { body: new URLSearchParams(options.form) }),
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return {
      status: response.status,
      location: response.headers.get("location"),
      text: await response.text(),
      headers: response.headers,
    };
  }

  /** How a request gets to where the app listens. */
  protected send(path: string, init: RequestInit): Promise<Response> {
    return fetch(`${this.#app.url}${path}`, init);
  }

  #keep(line: string): void {
    const [pair = "", ...attributes] = line.split("; ");
    const [name = "", value = ""] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
    const path = attributes.find((a) => a.toLowerCase().startsWith("path="))?.slice(5) ?? "/";
    assert.ok(
      attributes.some((a) => a.toLowerCase() === "httponly"),
      `readable by scripts: ${line}`,
    );
    assert.ok(
      attributes.some((a) => a.toLowerCase() === "samesite=lax"),
      `sent to us by other sites: ${line}`,
    );
    assert.ok(
      attributes.some((a) => a.toLowerCase() === "secure"),
      `sent in clear: ${line}`,
    );
    assert.match(name, /^__(Host|Secure)-popug/);
    if (name.startsWith("__Host-")) assert.equal(path, "/", line);
    if (value === "") this.cookies.delete(name);
    else this.cookies.set(name, { value, path });
  }
}

export type Flow = { verifier: string; state: string; nonce: string; address: string };

/** An application of the company that people sign in to; a public client, as one on a telephone is. */
export const application = {
  client_id: "test-app",
  own: true,
  token_endpoint_auth_method: "none",
  redirect_uris: ["http://localhost:7070/test-app/callback"],
  post_logout_redirect_uris: ["http://localhost:7070/test-app/"],
} satisfies RelyingParty;

export const callbackOf = (_app: TestApp): string => application.redirect_uris[0] ?? "";

/** A request to sign in, as the web application makes it. */
export function beginFlow(app: TestApp, change: Record<string, string | undefined> = {}): Flow {
  const verifier = randomBytes(32).toString("base64url");
  const state = randomBytes(16).toString("base64url");
  const nonce = randomBytes(16).toString("base64url");
  const parameters: Record<string, string | undefined> = {
    client_id: application.client_id,
    response_type: "code",
    redirect_uri: callbackOf(app),
    scope: "openid profile email api",
    state,
    nonce,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...change,
  };
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { verifier, state, nonce, address: `/oidc/auth?${new URLSearchParams(given)}` };
}

/** Opens the login page; returns its address. */
export async function openLogin(browser: Browser, flow: Flow): Promise<string> {
  const begun = await browser.go(flow.address);
  assert.equal(begun.status, 303, begun.text);
  assert.match(begun.location ?? "", /^\/login\/[\w-]+$/);
  return begun.location ?? "";
}

/** Signs in through the page; returns the code that the application is handed. */
export async function signInAs(
  app: TestApp,
  browser: Browser,
  flow: Flow,
  login: string,
  password: string,
): Promise<string> {
  const page = await openLogin(browser, flow);
  assert.equal((await browser.go(page)).status, 200);
  let seen = await browser.go(page, {
    form: { login, password },
    headers: { origin: new URL(app.app.config.settings.publicUrl).origin },
  });
  assert.equal(seen.status, 303, seen.text);
  while (!seen.location?.startsWith(callbackOf(app))) {
    assert.ok(seen.location, seen.text);
    seen = await browser.go(seen.location);
  }
  const answer = new URL(seen.location).searchParams;
  assert.equal(answer.get("state"), flow.state);
  const code = answer.get("code");
  assert.ok(code, seen.location);
  return code;
}

// biome-ignore lint/suspicious/noExplicitAny: answers of the token endpoint have many shapes
export type TokenAnswer = { status: number; body: any };

export async function askForTokens(app: TestApp, parameters: Record<string, string>): Promise<TokenAnswer> {
  const response = await fetch(`${app.url}/oidc/token`, {
    method: "POST",
    body: new URLSearchParams({ client_id: application.client_id, ...parameters }),
  });
  return { status: response.status, body: await response.json() };
}

export function redeem(
  app: TestApp,
  flow: Flow,
  code: string,
  change: Record<string, string> = {},
): Promise<TokenAnswer> {
  return askForTokens(app, {
    grant_type: "authorization_code",
    code,
    redirect_uri: callbackOf(app),
    code_verifier: flow.verifier,
    ...change,
  });
}

export function refresh(app: TestApp, token: string): Promise<TokenAnswer> {
  return askForTokens(app, { grant_type: "refresh_token", refresh_token: token });
}
