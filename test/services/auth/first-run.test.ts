import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Refusal } from "../../../src/platform/refusal.ts";
import { StartRefused } from "../../../src/platform/start-refused.ts";
import { firstAdmin } from "../../../src/services/auth/first-admin.ts";
import { createSealing } from "../../../src/services/auth/sealing.ts";
import { loadSecrets } from "../../../src/services/auth/secrets.ts";
import { startTestApp } from "../../kit/app.ts";

async function inFolder(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "popug-secrets-"));
  try {
    await work(join(dir, "secrets"));
  } finally {
    await rm(dir, { recursive: true });
  }
}

test("of 20 who want to be the first admin at once one becomes it, and later nobody", async () => {
  const app = await startTestApp({ people: [] });
  try {
    const { tools } = app.app.services.get("auth") ?? assert.fail();
    const refusedLater = await firstAdmin(tools, { login: "second", name: "Second" }).catch((e: Refusal) => e.code);
    assert.equal(refusedLater, "not-empty");
    await app.owner("truncate auth.users cascade");
    const tries = Array.from({ length: 20 }, (_, i) =>
      firstAdmin(tools, { login: `first-${i}`, name: "First", email: "" }).then(
        () => "became it",
        (error: unknown) => (error instanceof Refusal ? error.code : error),
      ),
    );
    const outcomes = (await Promise.all(tries)).toSorted();
    assert.deepEqual(outcomes, ["became it", ...Array.from({ length: 19 }, () => "not-empty")]);
  } finally {
    await app.stop();
  }
});

test("secrets are made once, for their owner only, also by several processes at once", () =>
  inFolder(async (dir) => {
    const all = await Promise.all(Array.from({ length: 8 }, () => loadSecrets(dir)));
    for (const secrets of all) assert.deepEqual(secrets, all[0]);
    for (const file of ["signing-keys.json", "sealing.key"]) {
      assert.equal((await stat(join(dir, file))).mode & 0o777, 0o600);
    }
    assert.equal((await stat(dir)).mode & 0o777, 0o700);
  }));

test("a secret that others can read, or that is none, stops the start with a sentence", () =>
  inFolder(async (dir) => {
    await loadSecrets(dir);
    const keys = join(dir, "signing-keys.json");
    await chmod(keys, 0o640);
    await assert.rejects(loadSecrets(dir), (e) => e instanceof StartRefused && /chmod 600/.test(e.message));
    await chmod(keys, 0o600);
    const good = await readFile(keys, "utf8");
    for (const bad of [
      "",
      "{}",
      '{"keys":[]}',
      '{"keys":[{"kty":"EC","crv":"P-256","kid":"x"}]}',
      good.slice(0, -20),
    ]) {
      await writeFile(keys, bad);
      await assert.rejects(loadSecrets(dir), StartRefused, bad);
    }
    await writeFile(keys, good);
    await writeFile(join(dir, "sealing.key"), "dG9vIHNob3J0");
    await assert.rejects(loadSecrets(dir), StartRefused);
    await assert.rejects(loadSecrets(dir, { sealingKeyFile: join(dir, "is-not-there") }), StartRefused);
  }));

test("what is sealed opens only unchanged, at its own place, with its own key", () =>
  inFolder(async (dir) => {
    const sealing = createSealing(await loadSecrets(dir));
    const name = sealing.name("Session", "id");
    const sealed = sealing.seal({ accountId: "kesha" }, name);
    assert.deepEqual(sealing.open(sealed, name), { accountId: "kesha" });
    assert.throws(() => sealing.open(sealed, sealing.name("Session", "another")));
    assert.throws(() => sealing.open(sealed, sealing.name("Grant", "id")));
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      assert.throws(() => sealing.open(changed, name), `byte ${at}`);
    }
    await inFolder(async (elsewhere) => {
      const other = createSealing(await loadSecrets(elsewhere));
      assert.throws(() => other.open(sealed, name));
      assert.notDeepEqual(other.name("Session", "id"), name);
    });
  }));
