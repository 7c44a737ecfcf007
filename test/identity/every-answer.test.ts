/** What stands around every kind of answer, and what is noted of those who may not. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { pino } from "pino";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { until } from "../kit/until.ts";
import { WebBrowser } from "../services/auth/web-browser.ts";

let app: TestApp;
const lines: string[] = [];
before(async () => {
  const log = pino({ level: "info" }, { write: (line: string) => lines.push(line) });
  app = await startTestApp({ people: [{ login: "worker1", roles: ["worker"] }], log });
});
after(() => app.stop());

/** Address, and what may be kept of the answer where not nothing. */
const answers: readonly [name: string, path: string, init: RequestInit & { as?: string }, kept?: RegExp][] = [
  ["JSON", "/api/me", { as: "worker1" }],
  ["a refusal without sign-in", "/api/me", {}],
  ["a refusal by role", "/api/users", { as: "worker1" }],
  [
    "a body that is none",
    "/api/tasks",
    { as: "worker1", method: "POST", body: "{", headers: { "content-type": "application/json" } },
  ],
  ["no such address", "/api/nothing", {}],
  ["no such method", "/api/me", { method: "PUT" }],
  ["an address that cannot be decoded", "/api/%E0%A4%A", {}],
  ["the description of the API", "/api/openapi.json", {}],
  ["a stream", "/api/changes", { as: "worker1" }],
  ["a file to keep", "/api/security-audit.csv", { as: "admin" }],
  ["the app", "/", {}, /^no-cache$/],
  ["the app at a page", "/tasks", {}, /^no-cache$/],
  ["an icon", "/icon.svg", {}, /^no-cache$/],
  ["a page of the sign-in", "/reset", {}],
  ["a page of the sign-in that is over", "/login/x", {}],
  ["the style of these pages", "/login/style.css", {}, /^public, max-age=3600$/],
  ["their script", "/login/page.js", {}, /^public, max-age=3600$/],
  ["where a link leads", "/join", {}],
  ["the set-up, when it is over", "/setup", {}],
  ["a redirect to the sign-in", "/auth/login", {}],
  ["a redirect after a choice", "/login/language/ru", {}],
  ["a sign-out from elsewhere", "/auth/logout", { method: "POST", headers: { origin: "https://evil.example" } }],
  ["the provider, in JSON", "/oidc/.well-known/openid-configuration", { headers: { origin: "https://evil.example" } }],
  ["the provider's keys", "/oidc/jwks", { headers: { origin: "https://evil.example" } }],
  ["a page of the provider", "/oidc/auth?client_id=nobody", {}],
  ["an error of the provider", "/oidc/token", { method: "POST", body: new URLSearchParams({ grant_type: "x" }) }],
  ["nothing of the provider", "/oidc/nothing", {}],
  ["the refusals", "/docs/errors", {}],
  ["liveness", "/livez", {}],
  ["readiness", "/readyz", {}],
];

for (const [name, path, { as, ...init }, kept = /^no-store$/] of answers) {
  test(`${name}: says its type, is in no frame, runs no script but ours, and is kept by nobody who should not`, async () => {
    const abort = new AbortController();
    const authorization = as === undefined ? {} : { authorization: `Bearer ${await app.as(as).token()}` };
    const response = await fetch(app.url + path, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), ...authorization },
      redirect: "manual",
      signal: abort.signal,
    });
    const header = (wanted: string) => response.headers.get(wanted) ?? "";
    abort.abort();
    assert.ok(response.status < 500, String(response.status));
    assert.equal(header("x-content-type-options"), "nosniff");
    assert.equal(header("x-frame-options"), "DENY");
    assert.match(header("referrer-policy"), /^(no-referrer|same-origin)$/);
    const policy = header("content-security-policy");
    assert.match(policy, /default-src '(none|self)'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe-|\*|https?:(?!\/\/localhost)/);
    assert.match(header("cache-control"), kept, header("cache-control"));
    assert.equal(header("server") + header("x-powered-by"), "");
    assert.equal(header("access-control-allow-origin"), "");
  });
}

/** What a server says to these bytes until it ends the connection. */
async function say(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(app.url).port), "127.0.0.1");
  socket.write(bytes);
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
}

test("what is no HTTP is answered with the same headers", async () => {
  const text = await say("GIMME /\r\n\r\n");
  for (const header of [
    "x-content-type-options: nosniff",
    "content-security-policy: default-src 'none'",
    "cache-control: no-store",
  ]) {
    assert.ok(text.includes(`${header}`), text);
  }
});

test("whoever sends a request slowly, or reads nothing of an answer, is let go of", async () => {
  const { server } = app.app.server;
  assert.deepEqual([server.headersTimeout, server.requestTimeout, server.timeout], [15_000, 60_000, 120_000]);
  // The same clockwork with less time, so that the test need not wait for it.
  Object.assign(server, { headersTimeout: 200, requestTimeout: 400 });
  try {
    assert.match(
      await say("GET /livez HTTP/1.1\r\nhost: localhost\r\nx-slow: "),
      /^HTTP\/1\.1 400 .*request-too-slow/s,
    );
    const body =
      "POST /reset HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 9\r\n\r\na";
    assert.match(await say(body), /^HTTP\/1\.1 400 .*request-too-slow/s);
    server.timeout = 500;
    assert.equal(await say(""), "", "a connection on which nothing comes");
  } finally {
    Object.assign(server, { headersTimeout: 15_000, requestTimeout: 60_000, timeout: 120_000 });
  }
});

const refusals = () =>
  lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === "refused");

test("who was refused for want of a right is noted with route and reason, and nothing of what the request brought", async () => {
  lines.length = 0;
  const evil = "x%0A%7B%22msg%22%3A%22forged%22%7D%1B%5B2J";
  const { status } = await app.as("worker1").get(`/users?q=${evil}`);
  assert.equal(status, 403);
  const id = app.people["admin"] ?? "";
  await app.as("worker1").patch(`/users/${id}`, { name: "x\n{}" });
  const seen = refusals().map(({ code, method, route, userId }) => [code, method, route, userId]);
  assert.deepEqual(seen, [
    ["not-allowed", "GET", "/api/users", app.people["worker1"]],
    ["not-allowed", "PATCH", "/api/users/:userId", app.people["worker1"]],
  ]);
  assert.ok(!lines.join("").includes(id) && !/forged|%0A/.test(lines.join("")), lines.join(""));
  const { body } = await app.as("worker1").get("/users");
  assert.equal(refusals().at(-1)?.["reqId"], body.instance, "the answer names the line");
});

test("a flood of refusals is no flood of lines, and its size is told", async () => {
  lines.length = 0;
  const token = await app.as("worker1").token();
  const ask = () => fetch(`${app.url}/api/users`, { headers: { authorization: `Bearer ${token}` } });
  await Promise.all(Array.from({ length: 200 }, ask));
  const first = refusals().length;
  assert.ok(first >= 1 && first <= 100, `${first} lines`);
  await until(
    async () => {
      await ask();
      return refusals().some(({ unnoted }) => Number(unnoted) > 0) || undefined;
    },
    { withinMs: 10_000, everyMs: 100, late: () => "the rest is never told" },
  );
});

test("nothing that somebody sends makes a line of its own in the log", async () => {
  lines.length = 0;
  const forged = 'a\\n{"level":60,"msg":"forged"}\\u001b[2J';
  await fetch(`${app.url}/api/tasks`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${await app.as("worker1").token()}`,
      "content-type": "application/json",
      "user-agent": "x\t{}",
    },
    body: `{"title":"${forged}","assigneeId":"${forged}"}`,
  });
  const browser = new WebBrowser(app);
  await browser.signIn('worker1\n{"msg":"forged"}', "wrong\npassword");
  await browser.go(`/auth/callback?error=${encodeURIComponent('x\n{"msg":"forged"}')}`);
  await app.as("admin").get(`/users?cursor=${encodeURIComponent('\n{"msg":"forged"}')}`);
  for (const line of lines) {
    assert.equal(line.indexOf("\n"), line.length - 1, line);
    assert.notEqual((JSON.parse(line) as { msg?: string }).msg, "forged");
    assert.ok(!line.includes("\u001b"), line);
  }
});

test("the names that every object has are refused as fields and parameters like any other that is not known", async () => {
  const token = await app.as("admin").token();
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  for (const name of ["__proto__", "constructor", "prototype", "hasOwnProperty", "toString"]) {
    for (const path of ["/users", "/tasks", "/security-audit", "/my/tokens"]) {
      const { status } = await fetch(`${app.url}/api${path}?${name}=1`, { headers });
      assert.equal(status, 400, `${path}?${name}`);
      const nested = await fetch(`${app.url}/api${path}?${name}[roles]=admin`, { headers });
      assert.equal(nested.status, 400, `${path}?${name}[roles]`);
    }
    for (const [path, body] of [
      ["/tasks", `{"title":"x","${name}":{"roles":["admin"]}}`],
      ["/my/tokens", `{"name":"x","scopes":["tasks"],"days":1,"${name}":{"scopes":["people"]}}`],
      [
        "/my/passkeys",
        `{"name":"x","response":{"id":"x","rawId":"x","type":"public-key","response":{"clientDataJSON":"","attestationObject":"","${name}":{}},"clientExtensionResults":{"${name}":{"x":1}}}}`,
      ],
    ] as const) {
      const { status } = await fetch(`${app.url}/api${path}`, { method: "POST", headers, body });
      assert.equal(status, 400, `${path} ${name}`);
    }
  }
  assert.equal(({} as Record<string, unknown>)["roles"] ?? ({} as Record<string, unknown>)["x"], undefined);
});
