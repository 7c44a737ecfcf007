/** A browser on our own web application: one that keeps cookies, follows redirects within it, and says where it is. */
import assert from "node:assert/strict";
import type { TestApp } from "../../kit/app.ts";
import { Browser, type Seen } from "./browser.ts";

export const PASSWORD = "correct horse battery staple";

/** Adds somebody with a password; resolves when every service knows them. */
export async function newcomer(app: TestApp, login: string, more: Record<string, unknown> = {}): Promise<string> {
  const answer = await app.as("admin").post("/users", { login, name: "Kesha", password: PASSWORD, ...more });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  await app.settle();
  return answer.body.userId as string;
}

export class WebBrowser extends Browser {
  readonly #app: Pick<TestApp, "app" | "url">;
  /** What was seen on the way, for tests that look for tokens in it. */
  readonly seen: Seen[] = [];

  constructor(app: Pick<TestApp, "app" | "url">) {
    super(app);
    this.#app = app;
  }

  override async go(...request: Parameters<Browser["go"]>): Promise<Seen> {
    const seen = await super.go(...request);
    this.seen.push(seen);
    return seen;
  }

  /** Follows redirects until a page is shown. */
  async follow(address: string): Promise<{ address: string; seen: Seen }> {
    for (let hop = 0, at = address; hop < 10; hop++) {
      const seen = await this.go(at);
      if (seen.location === null) return { address: at, seen };
      at = seen.location;
    }
    assert.fail(`${address} leads in a circle`);
  }

  /** Signs in through the login page; ends on the page that was wanted. */
  async signIn(login: string, password = PASSWORD, returnTo = "/auth/"): Promise<Seen> {
    const begun = await this.follow(`/auth/login?return_to=${encodeURIComponent(returnTo)}`);
    if (!begun.address.startsWith("/login/")) return begun.seen;
    const posted = await this.go(begun.address, { form: { login, password }, headers: { origin: this.origin } });
    if (posted.location === null) return posted;
    return (await this.follow(posted.location)).seen;
  }

  get origin(): string {
    return this.#app.app.config.settings.publicUrl;
  }

  /** Calls the API as a script of our pages does; `headers` of undefined are left out. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string | undefined> = {},
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  ): Promise<{ status: number; body: any; headers: Headers }> {
    const all = {
      cookie: [...this.cookies].map(([name, { value }]) => `${name}=${value}`).join("; "),
      origin: method === "GET" ? undefined : this.origin,
      "sec-fetch-site": "same-origin",
      "x-popug": "1",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    };
    const response = await fetch(`${this.#app.url}/api${path}`, {
      method,
      headers: Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
  }
}
