/** Secrets that somebody else keeps: an orchestrator's files in the place of those in the data folder. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { secret } from "../../src/app/secrets.ts";
import { readConfig } from "../../src/config.ts";
import { StartRefused } from "../../src/platform/start-refused.ts";
import { newSigningKey, rotateKeyFile } from "../../src/services/auth/signing-keys.ts";
import { startTestApp } from "../kit/app.ts";
import { until } from "../kit/until.ts";
import { newcomer, WebBrowser } from "../services/auth/web-browser.ts";

let folder: string;
let keysFile: string;
let sealFile: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "popug-mounted-"));
  keysFile = join(folder, "keys");
  sealFile = join(folder, "seal");
  await writeFile(keysFile, JSON.stringify({ keys: [await newSigningKey()] }));
  await writeFile(sealFile, randomBytes(32).toString("base64"));
});
after(() => rm(folder, { recursive: true }));

test("many who need a secret at once, before there is any, get the same one", async () => {
  const found = await Promise.all(Array.from({ length: 50 }, () => secret(join(folder, "own"), "database-roles")));
  assert.equal(new Set(found).size, 1);
  assert.equal(found[0]?.length, 43);
  assert.deepEqual(await readdir(join(folder, "own")), ["database-roles"]);
});

test("secrets from files sign and seal; none are made in the data folder, and a rotation in the file is followed", async () => {
  const { secretFiles } = readConfig(
    {},
    { POPUG_SIGNING_KEYS_FILE: keysFile, POPUG_SEALING_KEY_FILE: sealFile },
  ).settings;
  const app = await startTestApp({ people: [], settings: { secretFiles } });
  try {
    await newcomer(app, "kesha");
    const browser = new WebBrowser(app);
    await browser.signIn("kesha");
    assert.equal((await browser.call("GET", "/tasks")).status, 200);
    assert.deepEqual(await readdir(join(app.dataDir, "secrets")), ["database-roles"]);
    const [fresh] = (await rotateKeyFile(keysFile, Math.floor(Date.now() / 1_000))).slice(-1);
    await until(
      async () => {
        const { keys } = (await (await fetch(`${app.url}/oidc/jwks`)).json()) as { keys: { kid: string }[] };
        return keys.find(({ kid }) => kid === fresh?.kid);
      },
      { withinMs: 30_000, everyMs: 100, late: () => "the new key was never published" },
    );
  } finally {
    await app.stop();
  }
});

test("an address with a password in it comes from a file, and from one place only", async () => {
  const file = join(folder, "database-url");
  await writeFile(file, "postgres://popug:secret@db.example/popug\n");
  assert.equal(
    readConfig({}, { DATABASE_URL_FILE: file }).databases?.shared,
    "postgres://popug:secret@db.example/popug",
  );
  await writeFile(file, "smtps://popug:secret@mail.example\n");
  assert.equal(readConfig({}, { POPUG_SMTP_URL_FILE: file }).settings.smtpUrl, "smtps://popug:secret@mail.example");
  for (const env of [
    { DATABASE_URL_FILE: file },
    { DATABASE_URL_FILE: join(folder, "none") },
    { POPUG_SMTP_URL: "smtp://localhost", POPUG_SMTP_URL_FILE: file },
  ] as Record<string, string>[]) {
    assert.throws(() => readConfig({}, env), StartRefused, JSON.stringify(env));
  }
});

test("the secret behind the database's roles may come from a file; one that is missing or short stops the start", async () => {
  const file = join(folder, "roles");
  await writeFile(file, `${"x".repeat(40)}\n`);
  assert.equal(await secret(folder, "database-roles", file), "x".repeat(40));
  await writeFile(file, "short");
  await assert.rejects(secret(folder, "database-roles", file), StartRefused);
  await assert.rejects(secret(folder, "database-roles", join(folder, "none")), StartRefused);
});
