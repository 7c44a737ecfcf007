import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { newcomer, WebBrowser } from "../services/auth/web-browser.ts";

let app: TestApp;
let browser: WebBrowser;
before(async () => {
  app = await startTestApp({ people: [] });
  await newcomer(app, "admin2", { roles: ["admin"] });
  browser = new WebBrowser(app);
  await browser.signIn("admin2");
});
after(() => app.stop());

const ours = "http://localhost:7070";
/** What a browser can be made to send, and whether a page of ours has sent it. */
const variants: [passes: boolean, headers: Record<string, string | undefined>][] = [
  [true, { "sec-fetch-site": "same-origin", origin: ours, "x-popug": "1" }],
  [true, { "sec-fetch-site": undefined, origin: ours, "x-popug": "1" }],
  [false, { "sec-fetch-site": "same-origin", origin: ours, "x-popug": undefined }],
  [false, { "sec-fetch-site": "cross-site", origin: "https://evil.example", "x-popug": "1" }],
  [false, { "sec-fetch-site": "same-site", origin: "http://evil.localhost:7070", "x-popug": "1" }],
  [false, { "sec-fetch-site": "none", origin: ours, "x-popug": "1" }],
  [false, { "sec-fetch-site": undefined, origin: "null", "x-popug": "1" }],
  [false, { "sec-fetch-site": undefined, origin: undefined, "x-popug": "1" }],
  [false, { "sec-fetch-site": "same-origin", origin: "https://evil.example", "x-popug": "1" }],
];

test("only what a page of ours sends counts with the cookie: 9 kinds of headers on every route that changes something", async () => {
  const unsafe = app.app.routes.filter(({ method }) => !["GET", "HEAD", "OPTIONS"].includes(method));
  assert.ok(unsafe.length >= 20, `${unsafe.length} routes`);
  const wrong: string[] = [];
  for (const { method, url } of unsafe) {
    const path = url.replace(/^\/api/, "").replaceAll(/:\w+/g, "00000000-0000-4000-8000-000000000000");
    for (const [passes, headers] of variants) {
      // A body that no route takes, so that what passes changes nothing.
      const { body, status } = await browser.call(method, path, { "not a field": true }, headers);
      const refused = status === 403 && body.code === "cross-site";
      if (refused === passes) wrong.push(`${method} ${url} ${JSON.stringify(headers)}: ${status} ${body.code}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("a token that is brought counts by itself: scripts need no headers of browsers", async () => {
  const created = await app.as("admin2").post("/tasks", { title: "By a script" });
  assert.equal(created.status, 201, JSON.stringify(created.body));
});

test("no answer lets another origin read it or send what browsers ask leave for", async () => {
  for (const [method, path] of [
    ["OPTIONS", "/api/tasks"],
    ["GET", "/api/me"],
    ["GET", "/api/openapi.json"],
  ] as const) {
    const answer = await fetch(`${app.url}${path}`, {
      method,
      headers: {
        origin: "https://evil.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-popug",
      },
    });
    assert.notEqual(answer.headers.get("access-control-allow-origin"), "https://evil.example", path);
    assert.equal(answer.headers.get("access-control-allow-credentials"), null, path);
  }
});

test("every answer of every route carries the headers that keep browsers from being tricked", async () => {
  const paths = [
    "/",
    "/nothing/here",
    "/livez",
    "/readyz",
    "/auth/",
    "/auth/login",
    "/auth/callback",
    "/setup",
    "/reset",
  ];
  paths.push("/login/x", "/login/style.css", "/oidc/jwks", "/oidc/auth", "/oidc/.well-known/openid-configuration");
  paths.push("/oidc-backchannel-logout", "/api/openapi.json", "/%c0", ...app.app.routes.map(({ url }) => url));
  for (const path of new Set(paths)) {
    if (path === "/api/changes") continue;
    const { headers, status } = await fetch(`${app.url}${path}`, { redirect: "manual" });
    const missing = ["x-content-type-options", "x-frame-options", "content-security-policy", "referrer-policy"].filter(
      (name) => headers.get(name) === null,
    );
    assert.deepEqual(missing, [], `${path} ${status}`);
    assert.doesNotMatch(headers.get("content-security-policy") ?? "", /unsafe/, path);
    assert.ok(status < 500, `${path} ${status}`);
  }
});
