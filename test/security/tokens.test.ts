import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { generateKeyPair, SignJWT } from "jose";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { freePort } from "../kit/free-port.ts";
import { application, beginFlow, Browser, redeem, signInAs } from "../services/auth/browser.ts";
import { newcomer, PASSWORD } from "../services/auth/web-browser.ts";
import { run, skipWithout, toolFolder } from "./tool.ts";

const verifier = join(import.meta.dirname, "verify_token.py");
const folder = toolFolder();
type Verdict = { claims?: Record<string, unknown>; refused?: string };

describe("a peer in Python (jwcrypto)", { skip: skipWithout("python3", "-c", "import jwcrypto") }, () => {
  let app: TestApp;
  let issuer: string;
  let userId: string;
  let tokens: { access_token: string; id_token: string };
  before(async () => {
    const port = await freePort();
    const publicUrl = `http://localhost:${port}`;
    issuer = `${publicUrl}/oidc`;
    app = await startTestApp({
      people: [],
      config: { port },
      settings: { demo: false, publicUrl, relyingParties: [application] },
    });
    userId = await newcomer(app, "kesha");
    const flow = beginFlow(app);
    const answer = await redeem(app, flow, await signInAs(app, new Browser(app), flow, "kesha", PASSWORD));
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    tokens = answer.body;
  });
  after(() => app?.stop());

  async function verify(audience: string, typ: string, list: string[]): Promise<Verdict[]> {
    const input = join(folder, `${audience}.tokens`);
    writeFileSync(input, list.join("\n"));
    const { code, out } = await run("python3", [verifier, issuer, audience, typ, input], {
      withinMs: 60_000,
      cwd: folder,
    });
    assert.equal(code, 0, out);
    return out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Verdict);
  }

  /** The same token with something changed after it was signed, or signed by somebody else. */
  async function forged(token: string): Promise<Record<string, string>> {
    const [header = "", payload = "", signature = ""] = token.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const { kid, typ } = JSON.parse(Buffer.from(header, "base64url").toString());
    const { privateKey } = await generateKeyPair("ES256");
    const flipped = (signature[5] === "A" ? "B" : "A") + signature.slice(6);
    return {
      "another person": [header, encode({ ...claims, sub: app.people["admin"] }), signature].join("."),
      "a longer life": [header, encode({ ...claims, exp: claims.exp + 3_600 }), signature].join("."),
      "a changed signature": [header, payload, signature.slice(0, 5) + flipped].join("."),
      "no signature": [encode({ alg: "none", typ, kid }), payload, ""].join("."),
      "somebody else's key": await new SignJWT(claims).setProtectedHeader({ alg: "ES256", typ, kid }).sign(privateKey),
    };
  }

  for (const [what, audience, typ, of] of [
    ["access token", "popug-api", "at+jwt", () => tokens.access_token],
    ["id token", application.client_id, "JWT", () => tokens.id_token],
  ] as const) {
    test(`finds our keys by discovery, takes an ${what}, and refuses it once it is tampered with`, async () => {
      const wrong = await forged(of());
      const [good, ...bad] = await verify(audience, typ, [of(), ...Object.values(wrong)]);
      assert.equal(good?.claims?.["sub"], userId, JSON.stringify(good));
      assert.equal(bad.length, 5);
      for (const [at, name] of Object.keys(wrong).entries()) assert.ok(bad[at]?.refused, `${name} was taken`);
    });
  }

  test("takes neither token for the other", async () => {
    const [access] = await verify(application.client_id, "JWT", [tokens.access_token]);
    const [id] = await verify("popug-api", "at+jwt", [tokens.id_token]);
    assert.ok(access?.refused && id?.refused, JSON.stringify([access, id]));
  });
});
