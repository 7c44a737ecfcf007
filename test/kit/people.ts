/** What people of the company do at the API, wherever it runs. */
import assert from "node:assert/strict";
import type { Sql } from "../../src/platform/service.ts";
import { loadSecrets } from "../../src/services/auth/secrets.ts";
import { mintToken } from "../../src/services/auth/token.ts";
import type { Settings } from "../../src/settings.ts";

export type Answer = {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
  headers: Headers;
};

export type Client = {
  /** Paths are below `/api`. */
  get: (path: string) => Promise<Answer>;
  post: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  patch: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  delete: (path: string) => Promise<Answer>;
  token: () => Promise<string>;
};

export type NewPerson = { login: string; roles: string[] };

/** Calls the API at `url` as people of the company; reads who they are as auth. */
export function peopleAt(url: string, auth: Sql, settings: Settings) {
  const secrets = loadSecrets(settings.secretsDir, settings.secretFiles);
  const token = async (login: string) => {
    const [user] = await auth<{ userId: string; roles: never[]; version: number }>(
      `select user_id as "userId", roles, version from auth.person where login = $1`,
      [login],
    );
    assert(user, `nobody has the login ${login}`);
    return mintToken(await secrets, settings, user);
  };
  const as = (login: string): Client => {
    const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
      const response = await fetch(`${url}/api${path}`, {
        method,
        headers: {
          authorization: `Bearer ${await token(login)}`,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = response.headers.get("content-type")?.includes("json") ?? false;
      return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
    };
    return {
      get: (path) => call("GET", path),
      post: (path, body = {}, headers) => call("POST", path, body, headers),
      patch: (path, body = {}, headers) => call("PATCH", path, body, headers),
      delete: (path) => call("DELETE", path),
      token: () => token(login),
    };
  };

  const people: Record<string, string> = {};
  const join_ = async ({ login, roles }: NewPerson) => {
    const answer = await as("admin").post("/users", {
      login,
      name: `${login} Popug`,
      email: `${login}@popug.test`,
      roles,
    });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    people[login] = answer.body.userId;
    return answer.body.userId as string;
  };
  return { as, people, join: join_ };
}
