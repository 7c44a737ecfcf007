import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { application, beginFlow, Browser, openLogin, redeem, refresh, signInAs } from "./browser.ts";

const password = "correct horse battery staple";
let app: TestApp;
before(async () => {
  app = await startTestApp({ people: [], settings: { relyingParties: [application] } });
});
after(() => app.stop());

let count = 0;
async function newcomer(more: Record<string, unknown> = {}) {
  const login = `popug${++count}`;
  const answer = await app
    .as("admin")
    .post("/users", { login, name: "Kesha", email: "kesha@popug.test", password, ...more });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  await app.settle();
  return { login, userId: answer.body.userId as string };
}

async function signedIn(login: string) {
  const browser = new Browser(app);
  const flow = beginFlow(app);
  const code = await signInAs(app, browser, flow, login, password);
  const { status, body } = await redeem(app, flow, code);
  assert.equal(status, 200, JSON.stringify(body));
  return { browser, flow, code, tokens: body };
}

const callWith = async (token: string, path = "/me") =>
  (await fetch(`${app.url}/api${path}`, { headers: { authorization: `Bearer ${token}` } })).status;

test("by password, with code and PKCE, one gets tokens that every service accepts", async () => {
  const { login, userId } = await newcomer({ roles: ["manager"], language: "ru" });
  const { flow, tokens } = await signedIn(login);
  const { publicUrl } = app.app.config.settings;
  const keys = createRemoteJWKSet(new URL(`${app.url}/oidc/jwks`));

  const access = await jwtVerify(tokens.access_token, keys, { issuer: `${publicUrl}/oidc`, audience: "popug-api" });
  assert.equal(access.protectedHeader.alg, "ES256");
  assert.equal(access.protectedHeader.typ, "at+jwt");
  const { iat = 0, exp = 0 } = access.payload;
  assert.equal(exp - iat, 300);
  assert.equal(access.payload.sub, userId);
  assert.deepEqual(access.payload["roles"], ["manager"]);
  assert.equal(access.payload["version"], 1);
  assert.equal(access.payload["client_id"], application.client_id);

  const id = await jwtVerify(tokens.id_token, keys, { issuer: `${publicUrl}/oidc`, audience: application.client_id });
  assert.equal(decodeProtectedHeader(tokens.id_token).alg, "ES256");
  assert.equal(id.payload.sub, userId);
  assert.equal(id.payload["nonce"], flow.nonce);

  assert.equal(await callWith(tokens.access_token), 200);
  assert.equal(await callWith(tokens.access_token, "/tasks"), 200);
  assert.equal(await callWith(tokens.id_token), 401);
  assert.equal(await callWith(tokens.refresh_token), 401);
});

test("a session that is there needs no second password; signing out ends it and its refresh token", async () => {
  const { login } = await newcomer();
  const { browser, tokens } = await signedIn(login);
  const again = await browser.go(beginFlow(app).address);
  assert.match(again.location ?? "", /\/test-app\/callback\?code=/);

  const asked = await browser.go(`/oidc/session/end?id_token_hint=${tokens.id_token}`);
  assert.equal(asked.status, 200);
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(asked.text)?.[1] ?? "";
  const left = await browser.go("/oidc/session/end/confirm", { form: { xsrf, logout: "yes" } });
  assert.equal(left.status, 303);
  assert.equal((await browser.go(left.location ?? "")).status, 200);
  assert.equal((await refresh(app, tokens.refresh_token)).body.error, "invalid_grant");
  await openLogin(browser, beginFlow(app));
});

test("a code that was redeemed is burned together with all that came of it when it comes again", async () => {
  const { login } = await newcomer();
  const { flow, code, tokens } = await signedIn(login);
  assert.equal((await redeem(app, flow, code)).body.error, "invalid_grant");
  assert.equal((await refresh(app, tokens.refresh_token)).body.error, "invalid_grant");
});

test("a code is of no use with another verifier, none, another client's address, or after a made-up one", async () => {
  const { login } = await newcomer();
  const browser = new Browser(app);
  const flow = beginFlow(app);
  const code = await signInAs(app, browser, flow, login, password);
  for (const change of [
    { code_verifier: beginFlow(app).verifier },
    { code_verifier: "" },
    { redirect_uri: "https://evil.example/auth/callback" },
    { code: "made-up" },
    { client_id: "somebody-else" },
  ] as Record<string, string>[]) {
    const answer = await redeem(app, flow, code, change);
    assert.ok(answer.status >= 400 && answer.status < 500, JSON.stringify([change, answer]));
    assert.equal(answer.body.access_token, undefined);
  }
});

test("refresh tokens rotate; one that is used twice ends the whole grant", async () => {
  const { login } = await newcomer();
  const { tokens } = await signedIn(login);
  const second = await refresh(app, tokens.refresh_token);
  assert.equal(second.status, 200);
  assert.notEqual(second.body.refresh_token, tokens.refresh_token);
  assert.equal((await refresh(app, tokens.refresh_token)).body.error, "invalid_grant");
  assert.equal((await refresh(app, second.body.refresh_token)).body.error, "invalid_grant");
});

test("requests that the protocol allows and we do not are refused: no PKCE, plain PKCE, other flows, other addresses", async () => {
  const browser = new Browser(app);
  for (const [change, toldToClient] of [
    [{ code_challenge: undefined, code_challenge_method: undefined }, true],
    [{ code_challenge_method: "plain" }, true],
    [{ response_type: "token" }, true],
    [{ response_type: "id_token" }, true],
    [{ response_type: "code id_token" }, true],
    [{ resource: "https://other.example/api" }, true],
    [{ redirect_uri: "https://evil.example/" }, false],
    [{ redirect_uri: undefined }, false],
    [{ client_id: "nobody" }, false],
    [{ client_id: undefined }, false],
  ] as const) {
    const seen = await browser.go(beginFlow(app, change).address);
    const code = seen.location === null ? null : new URL(seen.location).searchParams.get("code");
    assert.equal(code, null);
    assert.equal(seen.status, toldToClient ? 303 : 400, JSON.stringify([change, seen]));
    if (toldToClient) assert.match(seen.location ?? "", /[?#&]error=/);
  }
});

test("a deactivation ends sessions, codes and refresh tokens in its own transaction; reactivation revives none", async () => {
  const { login, userId } = await newcomer();
  const { browser, tokens } = await signedIn(login);
  const flow = beginFlow(app);
  const pending = await browser.go(flow.address);
  const code = new URL(pending.location ?? "").searchParams.get("code") ?? "";
  await app.as("admin").patch(`/users/${userId}`, { status: "inactive" });

  const [held] = await app.sql("auth")<{ count: number }>(
    "select count(*) as count from oidc_artefact where user_id = $1",
    [userId],
  );
  assert.equal(held?.count, 0);
  assert.equal(await callWith(tokens.access_token), 401);
  for (let twice = 0; twice < 2; twice++) {
    assert.equal((await refresh(app, tokens.refresh_token)).body.error, "invalid_grant");
    assert.equal((await redeem(app, flow, code)).body.error, "invalid_grant");
    assert.match((await browser.go(beginFlow(app).address)).location ?? "", /^\/login\//);
    await app.as("admin").patch(`/users/${userId}`, { status: "active" });
  }
});

test("whoever is not active gets no token, even if something they hold was left behind", async () => {
  const { login, userId } = await newcomer();
  const { browser, tokens } = await signedIn(login);
  await app.owner("update auth.users set status = 'inactive', version = version + 1 where user_id = $1", [userId]);
  assert.equal((await refresh(app, tokens.refresh_token)).body.error, "invalid_grant");
  const seen = await browser.go(beginFlow(app).address);
  assert.doesNotMatch(seen.location ?? "", /[?&]code=/);
});

test("a role that was given meanwhile is in the next token", async () => {
  const { login, userId } = await newcomer();
  const { tokens } = await signedIn(login);
  await app.as("admin").patch(`/users/${userId}`, { roles: ["accountant"] });
  const next = await refresh(app, tokens.refresh_token);
  const claims = JSON.parse(Buffer.from(next.body.access_token.split(".")[1], "base64url").toString());
  assert.deepEqual(claims.roles, ["accountant"]);
  assert.equal(claims.version, 2);
});

test("what is stored lets nobody in: no code, token, session or login stands in the database", async () => {
  const { login } = await newcomer();
  const { browser, code, tokens } = await signedIn(login);
  const rows = await app.sql("auth")<{ text: string }>(
    "select kind || encode(id_hmac, 'escape') || encode(sealed, 'escape') as text from oidc_artefact",
  );
  assert.ok(rows.length > 0);
  const secrets = [code, tokens.refresh_token, ...[...browser.cookies.values()].map((cookie) => cookie.value)];
  for (const { text } of rows) for (const secret of secrets) assert.ok(!text.includes(secret));
  const [credential] = await app.sql("auth")<{ hash: string }>("select password_hash as hash from credential limit 1");
  assert.match(credential?.hash ?? "", /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

test("discovery speaks of our public address only, whatever the request claims", async () => {
  const response = await fetch(`${app.url}/oidc/.well-known/openid-configuration`, {
    headers: { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" },
  });
  const text = await response.text();
  const found = JSON.parse(text);
  const { publicUrl } = app.app.config.settings;
  assert.equal(found.issuer, `${publicUrl}/oidc`);
  assert.equal(found.token_endpoint, `${publicUrl}/oidc/token`);
  assert.ok(!text.includes("evil.example"));
  assert.deepEqual(found.id_token_signing_alg_values_supported, ["ES256"]);
  assert.deepEqual(found.code_challenge_methods_supported, ["S256"]);
  assert.deepEqual(found.response_types_supported, ["code"]);
  const keys = (await (await fetch(`${app.url}/oidc/jwks`)).json()) as { keys: Record<string, unknown>[] };
  assert.ok(keys.keys.length > 0 && keys.keys.every((key) => !("d" in key) && key["crv"] === "P-256"));
});
