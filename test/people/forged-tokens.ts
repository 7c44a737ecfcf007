/**
 * Tokens that nobody may come in with: forged, or good for something else. One line of reason each. The good token that
 * each of them differs from is made the same way, so that a refusal cannot come from a mistake of this file.
 */
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { SigningKey } from "../../src/services/auth/signing-keys.ts";

export type Maker = {
  issuer: string;
  audience: string;
  key: SigningKey;
  userId: string;
  /** Seconds since 1970. */
  now: number;
};

type Json = Record<string, unknown>;
const b64 = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const privateKeyOf = (key: SigningKey) => createPrivateKey({ key, format: "jwk" });

function signed(header: Json, payload: unknown, key: KeyObject): string {
  const input = `${b64(header)}.${b64(payload)}`;
  const signature = sign("sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" });
  return `${input}.${signature.toString("base64url")}`;
}

export const goodHeader = ({ key }: Maker): Json => ({ alg: "ES256", typ: "at+jwt", kid: key.kid });
export const goodPayload = ({ issuer, audience, userId, now }: Maker): Json => ({
  iss: issuer,
  aud: audience,
  sub: userId,
  iat: now,
  exp: now + 300,
  jti: "a-token",
  client_id: "popug-web",
  scope: "api",
  roles: ["admin"],
  version: 1,
});

/** A token signed with the right key; `undefined` removes a member. */
export function tokenWith(maker: Maker, header: Json, payload: Json): string {
  const without = (json: Json) => Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined));
  return signed(
    without({ ...goodHeader(maker), ...header }),
    without({ ...goodPayload(maker), ...payload }),
    privateKeyOf(maker.key),
  );
}

const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const otherJwk = createPublicKey(other).export({ format: "jwk" });
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const header = (change: Json) => (maker: Maker) => tokenWith(maker, change, {});
const payload = (change: (maker: Maker) => Json) => (maker: Maker) => tokenWith(maker, {}, change(maker));
const parts = (maker: Maker) => tokenWith(maker, {}, {}).split(".") as [string, string, string];

function hmacWithPublicKey(maker: Maker, form: "pem" | "jwk"): string {
  const publicKey = createPublicKey(privateKeyOf(maker.key));
  const secret =
    form === "pem"
      ? publicKey.export({ format: "pem", type: "spki" })
      : JSON.stringify(publicKey.export({ format: "jwk" }));
  const input = `${b64({ ...goodHeader(maker), alg: "HS256" })}.${b64(goodPayload(maker))}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

/** [reason, the token] */
export const forgedTokens: readonly (readonly [reason: string, make: (maker: Maker) => string])[] = [
  // The signature.
  ["no signature at all, algorithm none", (m) => `${b64({ ...goodHeader(m), alg: "none" })}.${b64(goodPayload(m))}.`],
  ["algorithm None in another spelling", (m) => `${b64({ ...goodHeader(m), alg: "nOnE" })}.${b64(goodPayload(m))}.`],
  [
    "algorithm none with a signature left in place",
    (m) => `${b64({ ...goodHeader(m), alg: "none" })}.${parts(m)[1]}.${parts(m)[2]}`,
  ],
  ["signature removed", (m) => `${parts(m)[0]}.${parts(m)[1]}.`],
  ["signature cut short", (m) => tokenWith(m, {}, {}).slice(0, -4)],
  [
    "signature of zeros (CVE-2022-21449)",
    (m) => `${parts(m)[0]}.${parts(m)[1]}.${Buffer.alloc(64).toString("base64url")}`,
  ],
  [
    "signature in DER form",
    (m) => {
      const input = parts(m).slice(0, 2).join(".");
      return `${input}.${sign("sha256", Buffer.from(input), privateKeyOf(m.key)).toString("base64url")}`;
    },
  ],
  [
    "signature of another token",
    (m) => `${parts(m)[0]}.${parts(m)[1]}.${tokenWith(m, {}, { jti: "another" }).split(".")[2]}`,
  ],
  [
    "payload exchanged after signing",
    (m) => `${parts(m)[0]}.${b64({ ...goodPayload(m), jti: "changed" })}.${parts(m)[2]}`,
  ],
  ["header exchanged after signing", (m) => `${b64({ ...goodHeader(m), extra: 1 })}.${parts(m)[1]}.${parts(m)[2]}`],
  ["signed with a key of the attacker under our key id", (m) => signed(goodHeader(m), goodPayload(m), other)],
  [
    "signed with a key of the attacker under a key id of their own",
    (m) => signed({ ...goodHeader(m), kid: "mine" }, goodPayload(m), other),
  ],
  ["HMAC with our public key as PEM (algorithm confusion)", (m) => hmacWithPublicKey(m, "pem")],
  ["HMAC with our public key as JWK (algorithm confusion)", (m) => hmacWithPublicKey(m, "jwk")],
  [
    "RS256 with a key of the attacker",
    (m) => {
      const input = `${b64({ ...goodHeader(m), alg: "RS256" })}.${b64(goodPayload(m))}`;
      return `${input}.${sign("sha256", Buffer.from(input), rsa).toString("base64url")}`;
    },
  ],
  [
    "a last character that decodes to the same signature",
    (m) => {
      const token = tokenWith(m, {}, {});
      const last = { A: "B", Q: "R", g: "h", w: "x" }[token.at(-1) ?? ""];
      return `${token.slice(0, -1)}${last}`;
    },
  ],
  // The header.
  ["says ES384", header({ alg: "ES384" })],
  ["says HS256 over an ES256 signature", header({ alg: "HS256" })],
  ["no algorithm", header({ alg: undefined })],
  ["no key id", header({ kid: undefined })],
  ["an empty key id", header({ kid: "" })],
  ["a key id that is no text", header({ kid: 1 })],
  ["a key id that nobody has", header({ kid: "nobody" })],
  ["a key id like a path", header({ kid: "../../../../dev/null" })],
  ["a key id like SQL", header({ kid: "x' union select 'secret" })],
  ["a key id from the prototype of every object", header({ kid: "__proto__" })],
  ["an id token: type JWT", header({ typ: "JWT" })],
  ["no type", header({ typ: undefined })],
  ["a logout token: type logout+jwt", header({ typ: "logout+jwt" })],
  ["a proof: type dpop+jwt", header({ typ: "dpop+jwt" })],
  ["brings its own key", (m) => signed({ ...goodHeader(m), jwk: otherJwk }, goodPayload(m), other)],
  ["brings a key beside ours", header({ jwk: otherJwk })],
  ["points to keys elsewhere", header({ jku: "http://127.0.0.1:1/keys" })],
  ["points to a certificate elsewhere", header({ x5u: "http://127.0.0.1:1/cert" })],
  ["brings a certificate", header({ x5c: ["MIIB"] })],
  ["demands an extension that nobody knows", header({ crit: ["popug"], popug: 1 })],
  ["demands an unencoded payload", header({ crit: ["b64"], b64: false })],
  ["says that it is compressed", header({ zip: "DEF" })],
  // Whom it is from and for.
  ["no issuer", payload(() => ({ iss: undefined }))],
  ["another issuer", payload(() => ({ iss: "https://evil.example/oidc" }))],
  ["the issuer with a slash at its end", payload((m) => ({ iss: `${m.issuer}/` }))],
  ["our issuer only as a beginning", payload((m) => ({ iss: `${m.issuer}.evil.example` }))],
  ["issuer as a list", payload((m) => ({ iss: [m.issuer] }))],
  ["no audience", payload(() => ({ aud: undefined }))],
  ["an id token: the audience is the web application", payload(() => ({ aud: "popug-web" }))],
  ["audience in another case", payload((m) => ({ aud: m.audience.toUpperCase() }))],
  ["also meant for somebody else", payload((m) => ({ aud: [m.audience, "other-api"] }))],
  ["audience as a list of one", payload((m) => ({ aud: [m.audience] }))],
  ["an empty list of audiences", payload(() => ({ aud: [] }))],
  ["no client", payload(() => ({ client_id: undefined }))],
  ["no scope: the person allowed the application nothing in our API", payload(() => ({ scope: undefined }))],
  ["the scope of an id token", payload(() => ({ scope: "openid" }))],
  ["our scope beside others, which the provider never issues", payload(() => ({ scope: "openid api" }))],
  ["scope as a list", payload(() => ({ scope: ["api"] }))],
  ["no token id", payload(() => ({ jti: undefined }))],
  ["a token id that is no text", payload(() => ({ jti: 5 }))],
  // Whose it is.
  ["no subject", payload(() => ({ sub: undefined }))],
  ["an empty subject", payload(() => ({ sub: "" }))],
  ["a client as subject, as in client credentials", payload(() => ({ sub: "popug-web" }))],
  ["a login as subject", payload(() => ({ sub: "admin" }))],
  ["subject in capitals", payload((m) => ({ sub: m.userId.toUpperCase() }))],
  ["subject with blanks around it", payload((m) => ({ sub: ` ${m.userId} ` }))],
  ["subject like SQL", payload((m) => ({ sub: `${m.userId}' or true--` }))],
  ["subject as a list", payload((m) => ({ sub: [m.userId] }))],
  ["subject as an object", payload((m) => ({ sub: { id: m.userId } }))],
  ["the nil UUID, whom no request is", payload(() => ({ sub: "00000000-0000-0000-0000-000000000000" }))],
  ["somebody who does not exist", payload(() => ({ sub: "018f0000-0000-7000-8000-000000000000" }))],
  // When it is good.
  ["no expiry", payload(() => ({ exp: undefined }))],
  ["no instant of issue", payload(() => ({ iat: undefined }))],
  ["expired", payload((m) => ({ iat: m.now - 400, exp: m.now - 100 }))],
  ["expired a minute ago", payload((m) => ({ iat: m.now - 300, exp: m.now - 60 }))],
  ["lives a year", payload((m) => ({ exp: m.now + 31_536_000 }))],
  ["lives 361 seconds", payload((m) => ({ exp: m.now + 361 }))],
  ["issued in the future", payload((m) => ({ iat: m.now + 120, exp: m.now + 300 }))],
  ["not good before tomorrow", payload((m) => ({ nbf: m.now + 86_400 }))],
  ["expiry before issue", payload((m) => ({ iat: m.now, exp: m.now - 1 }))],
  ["expiry as text", payload((m) => ({ exp: String(m.now + 300) }))],
  ["expiry in milliseconds", payload((m) => ({ exp: (m.now + 300) * 1000 }))],
  ["issue with a fraction", payload((m) => ({ iat: m.now - 0.5 }))],
  ["issue below zero", payload(() => ({ iat: -1 }))],
  ["expiry null", payload(() => ({ exp: null }))],
  // What it says of roles and versions.
  ["no roles", payload(() => ({ roles: undefined }))],
  ["an empty list of roles", payload(() => ({ roles: [] }))],
  ["roles as text", payload(() => ({ roles: "admin" }))],
  ["a role that there is not", payload(() => ({ roles: ["root"] }))],
  ["a role that there is not beside one that there is", payload(() => ({ roles: ["admin", "root"] }))],
  ["the same role many times", payload(() => ({ roles: ["admin", "admin"] }))],
  ["roles as an object", payload(() => ({ roles: { 0: "admin", length: 1 } }))],
  ["a role inside a list", payload(() => ({ roles: [["admin"]] }))],
  ["limited as text, which would read as unlimited", payload(() => ({ limited: "true" }))],
  ["limited as a number", payload(() => ({ limited: 1 }))],
  ["expressly unlimited, which we never say", payload(() => ({ limited: false }))],
  ["no version", payload(() => ({ version: undefined }))],
  ["version zero", payload(() => ({ version: 0 }))],
  ["version as text", payload(() => ({ version: "1" }))],
  ["version beyond every integer", payload(() => ({ version: 1e300 }))],
  // What it is bound to.
  ["bound to a key (DPoP) that we do not check", payload(() => ({ cnf: { jkt: "x" } }))],
  ["bound to a certificate that we do not check", payload(() => ({ cnf: { "x5t#S256": "x" } }))],
  // Its shape.
  ["empty", () => ""],
  ["one dot", () => "."],
  ["two dots", () => ".."],
  ["no token but a word", () => "null"],
  ["five parts, as an encrypted one", (m) => `${tokenWith(m, {}, {})}.YQ.YQ`],
  ["a fourth part", (m) => `${tokenWith(m, {}, {})}.YQ`],
  ["padded base64", (m) => `${tokenWith(m, {}, {})}==`],
  [
    "base64 with + and /",
    (m) => tokenWith(m, {}, { jti: "???>>>" }).replace(/_/g, "/").replace(/-/g, "+").replace(/^e/, "+"),
  ],
  ["far too long", (m) => tokenWith(m, {}, { jti: "x".repeat(100_000) })],
  ["long claims below every server's limit", (m) => tokenWith(m, {}, { filler: "x".repeat(5_000) })],
  ["a header that is no JSON", (m) => `${b64("not json at all")}.${parts(m)[1]}.${parts(m)[2]}`],
  ["a header that is a list", (m) => `${b64([1, 2, 3, 4, 5, 6])}.${parts(m)[1]}.${parts(m)[2]}`],
  ["a header that is null", (m) => `${b64("null      ")}.${parts(m)[1]}.${parts(m)[2]}`],
  ["a payload that is a list, signed", (m) => signed(goodHeader(m), [goodPayload(m)], privateKeyOf(m.key))],
  ["a payload that is a text, signed", (m) => signed(goodHeader(m), "just a text", privateKeyOf(m.key))],
  [
    "a whole token inside a token",
    (m) => signed({ ...goodHeader(m), cty: "JWT" }, tokenWith(m, {}, {}), privateKeyOf(m.key)),
  ],
];
