import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Refusal } from "../../src/platform/refusal.ts";
import {
  keysAt,
  newSigningKey,
  PUBLISHED_AFTER_SECONDS,
  PUBLISHED_BEFORE_SECONDS,
  rotated,
  rotateKeyFile,
} from "../../src/services/auth/signing-keys.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { newcomer, WebBrowser } from "../services/auth/web-browser.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp({ people: [] });
});
after(() => app.stop());

const kids = (keys: readonly { kid: string }[]) => keys.map((key) => key.kid);

test("at every second of a rotation the signer has been published for long, and what it signed can be verified", async () => {
  const [a, b, c] = [await newSigningKey(), await newSigningKey(), await newSigningKey()];
  const begun = 1_000_000;
  const once = rotated([a], b, begun);
  assert.throws(
    () => rotated(once, c, begun + 1),
    (e) => e instanceof Refusal && e.code === "rotation-under-way",
  );
  const second = begun + 1_000;
  const twice = rotated(once, c, second);
  const publishedSince = new Map<string, number>([[a.kid, 0]]);
  const lastSigned = new Map<string, number>();
  for (let now = begun; now < second + 2_000; now++) {
    const keys = keysAt(now < second ? once : twice, now);
    const [signer] = keys;
    for (const kid of kids(keys)) if (!publishedSince.has(kid)) publishedSince.set(kid, now);
    assert.ok(now - (publishedSince.get(signer.kid) ?? now) >= PUBLISHED_BEFORE_SECONDS, `too early at ${now}`);
    lastSigned.set(signer.kid, now);
    for (const [kid, at] of lastSigned) {
      if (now - at < PUBLISHED_AFTER_SECONDS - 1) assert.ok(kids(keys).includes(kid), `${kid} gone at ${now}`);
    }
  }
  assert.deepEqual([...lastSigned.keys()], [a.kid, b.kid, c.kid]);
  assert.deepEqual(kids(keysAt(twice, second + 2_000)), [c.kid]);
});

test("a rotation in the running system fails no request, neither of old tokens nor of new ones", async () => {
  await newcomer(app, "kesha");
  const browser = new WebBrowser(app);
  await browser.signIn("kesha");
  const file = join(app.dataDir, "secrets", "signing-keys.json");
  const published = async () =>
    ((await (await fetch(`${app.url}/oidc/jwks`)).json()) as { keys: { kid: string }[] }).keys.map((key) => key.kid);
  const before = await published();
  const now = Math.floor(Date.now() / 1_000);
  // The middle of a rotation, the moment of the change, and after it: the instant is chosen by the beginning.
  await rotateKeyFile(file, now);
  const seen = new Set<number>();
  const calls = async (n: number) => {
    for (let i = 0; i < n; i++) seen.add((await browser.call("GET", "/me")).status);
  };
  await until(async () => (await published()).length === 2);
  await calls(5);
  await rewrite(file, now - PUBLISHED_BEFORE_SECONDS - 1);
  await until(async () => (await published())[0] !== before[0]);
  await calls(5);
  // A new access token, signed by the new key; other processes have known it all along.
  await app.owner("update auth.web_session set access_expires_at = now()");
  await calls(5);
  const other = new WebBrowser(app);
  await other.signIn("kesha");
  const answer = await other.call("GET", "/tasks");
  assert.equal(answer.status, 200, JSON.stringify([answer.body, other.seen.map((s) => [s.status, s.location])]));
  assert.deepEqual([...seen], [200]);
  assert.equal((await published()).length, 2);
});

async function rewrite(file: string, from: number): Promise<void> {
  const { readFile, writeFile } = await import("node:fs/promises");
  const { keys } = JSON.parse(await readFile(file, "utf8"));
  keys.at(-1).from = from;
  await writeFile(file, JSON.stringify({ keys }));
}

async function until(there: () => Promise<boolean>): Promise<void> {
  for (const at = performance.now(); !(await there()); ) {
    assert.ok(performance.now() - at < 10_000, "never came");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
