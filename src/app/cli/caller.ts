/** Calls the API of the running instance as people of the company, with tokens made on this machine. */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Config } from "../../config.ts";
import { loadSecrets } from "../../services/auth/secrets.ts";
import { ACCESS_TOKEN_SECONDS, mintToken } from "../../services/auth/token.ts";
import { findUserByLogin, findUsers } from "../../services/auth/user-store.ts";
import type { User } from "../../services/auth/users.ts";
import type { InstanceNote } from "../start.ts";
import { CommandFailed } from "./command-failed.ts";
import { requireInstance } from "./instance.ts";
import { homesOfInstance, withAuth } from "./session.ts";

/** A token is renewed when it has less than this to live. */
const RENEW_BEFORE_MS = 60_000;
/** So often a request is repeated that was refused only for now (too many, unavailable, not known yet). */
const MAX_TRIES = 20;
const LONGEST_PAUSE_MS = 5_000;
const ANSWER_WITHIN_MS = 120_000;

/** The API has said no. */
export class ApiRefused extends CommandFailed {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** One person at the API; paths are below `/api`. @throws ApiRefused */
export type Caller = {
  user: User;
  get: <T>(path: string) => Promise<T>;
  post: <T>(path: string, body?: unknown) => Promise<T>;
  patch: <T>(path: string, body: unknown) => Promise<T>;
  put: <T>(path: string, body: unknown) => Promise<T>;
};

/** Everybody at the API of a running instance. */
export type Company = { note: InstanceNote; as: (user: User) => Caller };

/** @throws CommandFailed when nothing runs, or this user of the machine may not read the secrets */
export async function openCompany(config: Config): Promise<Company> {
  const note = await requireInstance(config.settings.dataDir);
  const mint = await minter(config, note);
  return {
    note,
    as: (user) => {
      let token: { text: string; until: number } | undefined;
      const authorization = async () => {
        if (token === undefined || token.until < Date.now() + RENEW_BEFORE_MS) {
          token = { text: await mint(user), until: Date.now() + ACCESS_TOKEN_SECONDS * 1_000 };
        }
        return `Bearer ${token.text}`;
      };
      return {
        user,
        get: (path) => request(note.localUrl, authorization, "GET", path),
        post: (path, body = {}) => request(note.localUrl, authorization, "POST", path, body),
        patch: (path, body) => request(note.localUrl, authorization, "PATCH", path, body),
        put: (path, body) => request(note.localUrl, authorization, "PUT", path, body),
      };
    },
  };
}

/** Makes tokens that the running instance accepts. */
export async function minter(config: Config, note: InstanceNote): Promise<(user: User) => Promise<string>> {
  const secrets = await loadSecrets(config.settings.secretsDir, config.settings.secretFiles);
  return (user) => mintToken(secrets, note.settings, user);
}

/**
 * Who a command acts as: the given login, or the first active admin. Says so on standard error.
 * @throws CommandFailed when there is nobody
 */
export async function callerFor(config: Config, login: string | undefined): Promise<Caller> {
  const company = await openCompany(config);
  const user = await findPerson(config, company.note, login);
  process.stderr.write(`Acting as ${user.login} (${user.roles.join(", ")}).\n`);
  return company.as(user);
}

/** The active user of that login; without one, the first active admin. @throws CommandFailed when there is nobody */
export async function findPerson(config: Config, note: InstanceNote, login: string | undefined): Promise<User> {
  const user = await withAuth(config, await homesOfInstance(config, note), async (auth) =>
    login === undefined
      ? (await findUsers(auth.sql, { text: undefined, role: "admin", status: "active" }, undefined, 1))[0]
      : findUserByLogin(auth.sql, login),
  );
  if (user === undefined) {
    throw new CommandFailed(
      login === undefined
        ? "There is no active admin; create the first one with: npx popug admin create --login … --name …"
        : `Nobody has the login ${login}.`,
    );
  }
  if (user.status !== "active") throw new CommandFailed(`${user.login} has been deactivated.`);
  return user;
}

type Problem = {
  title?: string;
  code?: string;
  errors?: { path: string; message: string }[];
};

async function request<T>(
  url: string,
  authorization: () => Promise<string>,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  // Repeating a command that may have taken effect is safe with one key.
  const key = randomUUID();
  for (let tries = 1; ; tries++) {
    const response = await fetch(`${url}/api${path}`, {
      method,
      headers: {
        authorization: await authorization(),
        ...(body !== undefined && { "content-type": "application/json", "idempotency-key": key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    }).catch((error: Error) => {
      throw new CommandFailed(
        `${url} does not answer: ${(error.cause as Error | undefined)?.message ?? error.message}`,
      );
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as T;
    const problem = readProblem(text);
    // Somebody who was created a moment ago is known to auth first and to the other services a little later.
    const isForNow = response.status === 429 || response.status === 503 || problem.code === "unknown-user";
    if (!isForNow || tries >= MAX_TRIES) throw refused(`${method} /api${path}`, response.status, problem);
    const seconds = Number(response.headers.get("retry-after"));
    await delay(Math.min(seconds > 0 ? seconds * 1_000 : 200 * tries, LONGEST_PAUSE_MS));
  }
}

function refused(what: string, status: number, { title, code, errors }: Problem): ApiRefused {
  const lines = (errors ?? []).map(({ path, message }) => `\n  ${path.replace(/^\/line\//, "line ")}: ${message}`);
  const where = status < 500 ? "" : ` (${what} was answered with ${status}; the log of the running Popug says more)`;
  return new ApiRefused(status, code ?? "", `${title ?? "The request failed."}${where}${lines.join("")}`);
}

function readProblem(text: string): Problem {
  try {
    return JSON.parse(text) as Problem;
  } catch {
    return {};
  }
}

/** All items of a paged list. */
export async function allPages<T>(caller: Caller, path: string): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const more: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { items: T[]; nextCursor: string | null } = await caller.get(
      `${path}${path.includes("?") ? "&" : "?"}limit=500${more}`,
    );
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}
