/** What the sign-in costs: CPU of Node per login, refresh and check of a token; and how soon a deactivation bites. */
import { createAccess } from "../src/people/access.ts";
import { loadSecrets } from "../src/services/auth/secrets.ts";
import { AUDIENCE, issuerOf, jwks, mintToken } from "../src/services/auth/token.ts";
import { PASSWORD, WebBrowser } from "../test/services/auth/web-browser.ts";
import { type Company, startCompany } from "./company.ts";
import type { Measure } from "./measure.ts";

const LOGINS = 60;
const CALLS = 300;
const CHECKS = 3_000;
const LEAVERS = 200;

export const identity: Measure = {
  name: "identity",
  runs: 3,
  run: async () => {
    const company = await startCompany({ workers: LEAVERS, loops: true });
    await company.call("admin", "POST", "/users", { login: "kesha", name: "Kesha", password: PASSWORD });
    await company.app.settle();
    const figures = { ...(await signIns(company)), ...(await checks(company)), ...(await deactivations(company)) };
    await company.stop();
    return figures;
  },
};

/** Milliseconds of CPU, the client's included, per run; what PostgreSQL needs is not in it. */
async function cpuPer(count: number, work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / count;
}

async function signIns({ app }: Company): Promise<Record<string, number>> {
  const auth = app.services.get("auth");
  const browser = new WebBrowser({ app, url: app.url });
  const login = await cpuPer(LOGINS, async () => {
    browser.cookies.clear();
    await browser.signIn("kesha");
  });
  const call = await cpuPer(CALLS, () => browser.call("GET", "/me"));
  const refreshing = await cpuPer(CALLS, async () => {
    await auth?.sql("update web_session set access_expires_at = now()");
    const { status } = await browser.call("GET", "/me");
    if (status !== 200) throw new Error(`a refresh ended with ${status}`);
  });
  return { "CPU per login, ms": login, "CPU per call, ms": call, "CPU per refresh, ms": refreshing - call };
}

async function checks({ app }: Company): Promise<Record<string, number>> {
  const { settings } = app.config;
  const tasks = app.services.get("tasks");
  if (tasks === undefined) throw new Error("no tasks");
  const secrets = await loadSecrets(settings.secretsDir);
  const access = createAccess({ issuer: issuerOf(settings), audience: AUDIENCE, jwks: async () => jwks(secrets) });
  const [user] = await tasks.sql<{ userId: string }>(`select user_id as "userId" from person where login = 'kesha'`);
  if (user === undefined) throw new Error("nobody is there");
  const tokens: string[] = [];
  for (let i = 0; i < CHECKS; i++) {
    tokens.push(`Bearer ${await mintToken(secrets, settings, { ...user, roles: ["worker"], version: 1 })}`);
  }
  const first = tokens.values();
  const [known = ""] = tokens;
  return {
    "CPU per check of a new token, ms": await cpuPer(CHECKS, () => access.authenticate(first.next().value, tasks.sql)),
    "CPU per check of a known token, ms": await cpuPer(CHECKS, () => access.authenticate(known, tasks.sql)),
  };
}

/** From the answer to the deactivation until a service that heard of it by event refuses. */
async function deactivations({ app, call, token }: Company): Promise<Record<string, number>> {
  const people = await app.services
    .get("auth")
    ?.sql<{ userId: string; login: string }>(
      `select user_id as "userId", login from users where login like 'worker%' order by login`,
    );
  const took: number[] = [];
  for (const { userId, login } of people ?? []) {
    const authorization = await token(login);
    await call("admin", "PATCH", `/users/${userId}`, { status: "inactive" });
    const began = performance.now();
    for (const path of ["/tasks", "/my/account"]) {
      while ((await fetch(`${app.url}/api${path}`, { headers: { authorization } })).status !== 401);
    }
    took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN;
  return { "deactivation to refusal p50, ms": at(0.5), "deactivation to refusal p99, ms": at(0.99) };
}
