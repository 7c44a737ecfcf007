/** Every route of the API as everybody: what comes out is what the policy table says. Made from the table and the routes. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fastify from "fastify";
import { requirePolicies } from "../../src/app/route-policies.ts";
import { type Policy, policies, type Role, roles, scopes } from "../../src/people/policy.ts";
import { loadSecrets } from "../../src/services/auth/secrets.ts";
import { mintToken } from "../../src/services/auth/token.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";

/** The design's table, written down a second time: a slip in the first is seen here. */
const wanted: Record<Policy, readonly (Role | "anonymous")[]> = {
  anyone: ["anonymous", ...roles],
  "tasks.use": roles,
  "tasks.shuffle": ["manager", "admin"],
  "tasks.cancel": ["manager", "admin"],
  absences: roles,
  "account.own": roles,
  "accounts.all": ["accountant", "admin"],
  payouts: ["accountant", "admin"],
  "payouts.file": ["accountant"],
  analytics: ["admin"],
  people: ["admin"],
  operations: ["admin"],
  "self.view": roles,
  "self.settings": roles,
  catalogue: roles,
};
const wantedScope: Record<Policy, string> = {
  anyone: "any",
  "tasks.use": "tasks",
  "tasks.shuffle": "tasks",
  "tasks.cancel": "tasks",
  absences: "tasks",
  "account.own": "account",
  "accounts.all": "accounts",
  payouts: "accounts",
  "payouts.file": "none",
  analytics: "analytics",
  people: "people",
  operations: "operations",
  "self.view": "any",
  "self.settings": "none",
  catalogue: "any",
};

type Subject = Role | "anonymous" | "deactivated admin" | "token without the scope" | "expired token";

let app: TestApp;
/** Subject → policy → what stands in `Authorization`. */
let bearerOf: (subject: Subject, policy: Policy) => string | undefined;

before(async () => {
  app = await startTestApp({
    people: [
      { login: "worker", roles: ["worker"] },
      { login: "manager", roles: ["manager"] },
      { login: "accountant", roles: ["accountant"] },
      { login: "gone", roles: ["admin"] },
      // Passes everywhere, so that what refuses their tokens is the scope.
      { login: "everywhere", roles: ["accountant", "admin"] },
    ],
  });
  const tokens = new Map<string, string>();
  const make = async (scope: string) => {
    const { status, body } = await app.as("everywhere").post("/my/tokens", { name: scope, scopes: [scope], days: 1 });
    assert.equal(status, 201);
    return body as { token: string; tokenId: string };
  };
  for (const scope of ["tasks", "analytics"]) tokens.set(scope, (await make(scope)).token);
  const dead = await make("operations");
  for (const login of [...roles, "gone"]) tokens.set(login, await app.as(login).token());
  await app.as("admin").patch(`/users/${app.people["gone"]}`, { status: "inactive" });
  await app.settle();
  for (const schema of ["auth", "tasks", "accounting", "analytics", "notifications"]) {
    await app.owner(`update ${schema}.personal_token set expires_at = clock_timestamp() where token_id = $1`, [
      dead.tokenId,
    ]);
  }
  const secrets = await loadSecrets(join(app.dataDir, "secrets"));
  const admin = { userId: app.people["admin"] ?? "", roles: [...roles], version: 1 };
  const expired = await mintToken(secrets, app.app.config.settings, admin, -10);
  bearerOf = (subject, policy) => {
    if (subject === "anonymous") return undefined;
    if (subject === "deactivated admin") return tokens.get("gone");
    if (subject === "expired token") return policies[policy].scope === "none" ? expired : dead.token;
    if (subject !== "token without the scope") return tokens.get(subject);
    return tokens.get(policies[policy].scope === "tasks" ? "analytics" : "tasks");
  };
});
after(() => app.stop());

const subjects: Subject[] = ["anonymous", ...roles, "deactivated admin", "token without the scope", "expired token"];

/** What the table says, in the words of answers. */
function expected(subject: Subject, policy: Policy): string {
  const may = wanted[policy];
  if (may.includes("anonymous")) return "let in";
  switch (subject) {
    case "anonymous":
      return "401 no-token";
    case "deactivated admin":
      return "401 user-inactive";
    case "expired token":
      return "401 bad-token";
    case "token without the scope":
      return wantedScope[policy] === "any" ? "let in" : "403 scope-missing";
    default:
      return may.includes(subject) ? "let in" : "403 not-allowed";
  }
}

const refusals = ["no-token", "bad-token", "user-inactive", "unknown-user", "not-allowed", "scope-missing"];

async function ask(method: string, url: string, bearer: string | undefined): Promise<string> {
  const path = url
    .replaceAll(":number", "999999")
    .replaceAll(":period", "999999")
    .replaceAll(":service", "tasks")
    .replaceAll(/:\w+/g, "018f3c8e-1c5a-7d2b-9a1e-3f4b5c6d7e8f");
  const abort = new AbortController();
  const response = await fetch(`${app.url}${path}`, {
    method,
    headers: {
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(method !== "GET" && { "content-type": "application/json" }),
    },
    // No body of a write route is right, so nothing is changed by those who are let in.
    ...(method !== "GET" && method !== "HEAD" && { body: '{"no such field":1}' }),
    signal: abort.signal,
  });
  const stream = response.headers.get("content-type")?.includes("event-stream") ?? false;
  const text = stream ? "" : await response.text();
  abort.abort();
  assert.ok(response.status < 500 || response.status === 503, `${method} ${path}: ${response.status} ${text}`);
  const code = text.startsWith("{") ? String((JSON.parse(text) as { code?: string }).code) : "";
  return [401, 403].includes(response.status) && refusals.includes(code) ? `${response.status} ${code}` : "let in";
}

test("the table is the design's", () => {
  for (const [policy, row] of Object.entries(policies)) {
    const may: readonly string[] = row.roles === "anonymous" ? ["anonymous", ...roles] : row.roles;
    assert.deepEqual(may.toSorted(), wanted[policy as Policy].toSorted(), policy);
    assert.equal(row.scope, wantedScope[policy as Policy], policy);
  }
  assert.equal(Object.keys(policies).length, Object.keys(wanted).length);
  assert.deepEqual([...scopes].toSorted(), ["account", "accounts", "analytics", "operations", "people", "tasks"]);
});

test("eight subjects are let in and refused on every route as the table says", async () => {
  const routes = app.app.routes.filter(({ method }) => method !== "HEAD");
  assert.ok(routes.length >= 60, `${routes.length} routes`);
  const wrong: string[] = [];
  for (const subject of subjects) {
    await Promise.all(
      routes.map(async ({ method, url, policy }) => {
        const answer = await ask(method, url, bearerOf(subject, policy));
        const right = expected(subject, policy);
        if (answer !== right) wrong.push(`${subject}: ${method} ${url} (${policy}): ${answer}, not ${right}`);
      }),
    );
  }
  assert.deepEqual(wrong, []);
});

test("the description of the API names a policy for every operation, and has no operation more or less", () => {
  const document = app.app.server.swagger() as unknown as {
    paths: Record<string, Record<string, { "x-policy"?: string }>>;
  };
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => `${method.toUpperCase()} ${path} ${operation["x-policy"]}`),
  );
  const registered = app.app.routes
    .filter(({ method }) => method !== "HEAD")
    .map(({ method, url, policy }) => `${method} ${url.replaceAll(/:(\w+)/g, "{$1}")} ${policy}`);
  assert.deepEqual(described.toSorted(), registered.toSorted());
});

test("a route that names no policy of the table fails the start, wherever it lies", () => {
  for (const [url, config] of [
    ["/api/new", undefined],
    ["/api/new", { policy: "no-such-policy" }],
    ["/api/new", { policy: "toString" }],
    ["/new", undefined],
    ["/logins", undefined],
    ["/livezebra", undefined],
    ["/api/openapi.json.old", undefined],
  ] as const) {
    const server = fastify();
    requirePolicies(server);
    assert.throws(() => server.get(url, { ...(config && { config }) }, async () => ""), /names no known policy/, url);
  }
});
