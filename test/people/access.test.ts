import assert from "node:assert/strict";
import { test } from "node:test";
import { actorOf, createAccess } from "../../src/people/access.ts";
import type { Person } from "../../src/people/replica.ts";
import { Refusal } from "../../src/platform/refusal.ts";
import type { Sql } from "../../src/platform/service.ts";
import { newSigningKey } from "../../src/services/auth/signing-keys.ts";
import { jwks, mintToken } from "../../src/services/auth/token.ts";
import { forgedTokens, type Maker, tokenWith } from "./forged-tokens.ts";

const settings = { publicUrl: "http://localhost:7070" };
const issuer = "http://localhost:7070/oidc";
const audience = "popug-api";
const userId = "018f3c8e-1c5a-7d2b-9a1e-3f4b5c6d7e8f";
const person: Person = {
  userId,
  login: "kesha",
  name: "Kesha",
  email: "",
  roles: ["worker"],
  language: "ru",
  active: true,
  version: 3,
  validFrom: new Date("2026-01-01T00:00:00Z"),
};

async function setUp(known: Person | undefined = person) {
  const key = await newSigningKey();
  const loads = { count: 0 };
  const access = createAccess({
    issuer,
    audience,
    jwks: async () => {
      loads.count++;
      return jwks({ signingKeys: [key] });
    },
  });
  // The replica's answer stands in for its table here; the real one is asked in the tests of the services.
  const sql: Sql = async <Row>(_text: string, params: readonly unknown[] = []) =>
    (known && (params[0] as string[]).includes(known.userId) ? [known] : []) as Row[];
  const maker: Maker = { issuer, audience, key, userId, now: Math.floor(Date.now() / 1000) };
  return { access, loads, sql, maker, key };
}

const codeOf = (error: unknown) => (error instanceof Refusal ? error.code : `defect: ${String(error)}`);

test("a token of ours opens the door, and says who came", async () => {
  const { access, sql, key, maker } = await setUp();
  const minted = await mintToken({ signingKeys: [key] }, settings, { userId, roles: ["worker"], version: 3 });
  assert.deepEqual(await access.authenticate(`Bearer ${minted}`, sql), {
    userId,
    login: "kesha",
    name: "Kesha",
    atMachine: true,
    roles: ["worker"],
  });
  // The corpus below differs from this one, which is good.
  await access.authenticate(`Bearer ${tokenWith(maker, {}, {})}`, sql);
});

test(`not one of ${forgedTokens.length} forged or misused tokens opens it, twice in a row`, async () => {
  assert.ok(forgedTokens.length >= 100);
  const { access, sql, maker } = await setUp();
  const accepted: string[] = [];
  for (const [reason, make] of [...forgedTokens, ...forgedTokens]) {
    const code = await access.authenticate(`Bearer ${make(maker)}`, sql).then(() => "accepted", codeOf);
    // The one that is made well, for somebody who is not there.
    const expected = reason === "somebody who does not exist" ? "unknown-user" : "bad-token";
    if (code !== expected) accepted.push(`${reason}: ${code}`);
  }
  assert.deepEqual(accepted, []);
});

test("forged tokens make nobody fetch keys again", async () => {
  const { access, sql, maker, loads } = await setUp();
  await access.authenticate(`Bearer ${tokenWith(maker, {}, {})}`, sql);
  for (const [, make] of forgedTokens) await access.authenticate(`Bearer ${make(maker)}`, sql).catch(() => {});
  assert.equal(loads.count, 1);
});

test("headers that bring no bearer token are refused", async () => {
  const { access, sql, maker } = await setUp();
  const good = tokenWith(maker, {}, {});
  for (const [header, code] of [
    [undefined, "no-token"],
    ["", "no-token"],
    ["Bearer", "bad-token"],
    ["Bearer ", "bad-token"],
    [`Basic ${good}`, "bad-token"],
    [`DPoP ${good}`, "bad-token"],
    [good, "bad-token"],
    [`Bearer  ${good}`, "bad-token"],
    [`Bearer ${good} ${good}`, "bad-token"],
    [`Bearer ${good}, Bearer ${good}`, "bad-token"],
    [`Bearer ${good}\n`, "bad-token"],
  ] as const) {
    assert.equal(await access.authenticate(header, sql).then(() => "accepted", codeOf), code, String(header));
  }
});

test("a remembered token is refused as soon as its person is", async () => {
  const { access, maker } = await setUp();
  const token = `Bearer ${tokenWith(maker, {}, { roles: ["worker"] })}`;
  let known: Person | undefined = person;
  const sql: Sql = async <Row>() => (known ? [known] : []) as Row[];
  await access.authenticate(token, sql);
  known = { ...person, active: false };
  assert.equal(await access.authenticate(token, sql).then(() => "accepted", codeOf), "user-inactive");
});

test("a remembered token dies when its time is over", async (t) => {
  const { access, sql, maker } = await setUp();
  t.mock.timers.enable({ apis: ["Date"], now: maker.now * 1000 });
  const token = `Bearer ${tokenWith(maker, {}, {})}`;
  await access.authenticate(token, sql);
  t.mock.timers.setTime((maker.now + 299) * 1000);
  await access.authenticate(token, sql);
  t.mock.timers.setTime((maker.now + 300) * 1000);
  assert.equal(await access.authenticate(token, sql).then(() => "accepted", codeOf), "bad-token");
});

test("without keys the answer is that sign-in is not available, not that the token is bad", async () => {
  const { maker, sql } = await setUp();
  const access = createAccess({ issuer, audience, jwks: () => Promise.reject(new Error("not there")) });
  const code = await access.authenticate(`Bearer ${tokenWith(maker, {}, {})}`, sql).then(() => "accepted", codeOf);
  assert.equal(code, "keys-unavailable");
});

test("roles act without a new sign-in: the replica's count when it is as new as the token", () => {
  const claims = {
    sub: userId,
    iat: 1_790_000_000,
    exp: 1_790_000_300,
    roles: ["admin" as const],
    version: 3,
    client: "x",
  };
  assert.deepEqual(actorOf(claims, person).roles, ["worker"]);
  assert.deepEqual(actorOf({ ...claims, version: 2 }, person).roles, ["worker"]);
  // The token is newer: the event is still on its way here.
  assert.deepEqual(actorOf({ ...claims, version: 4 }, person).roles, ["admin"]);
});

test("the unknown, the deactivated and what was issued before access ended are refused", () => {
  const claims = {
    sub: userId,
    iat: 1_790_000_000,
    exp: 1_790_000_300,
    roles: ["worker" as const],
    version: 9,
    client: "x",
  };
  const refusalOf = (known: Person | undefined) => {
    try {
      return actorOf(claims, known).userId;
    } catch (error) {
      return codeOf(error);
    }
  };
  assert.equal(refusalOf(undefined), "unknown-user");
  assert.equal(refusalOf({ ...person, active: false }), "user-inactive");
  assert.equal(refusalOf({ ...person, validFrom: new Date(1_790_000_001_000) }), "token-outdated");
  // Within the second of the token, the version tells which came first.
  assert.equal(refusalOf({ ...person, validFrom: new Date(1_790_000_000_001), version: 10 }), "token-outdated");
  assert.equal(refusalOf({ ...person, validFrom: new Date(1_790_000_000_001), version: 9 }), userId);
  assert.equal(refusalOf({ ...person, validFrom: new Date(1_790_000_000_000) }), userId);
});
