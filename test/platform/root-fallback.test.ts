/**
 * As root where nothing is easy: no user namespaces, a checkout and a data folder below one that nobody else may pass, a
 * system on which the usual place for programs cannot be written to. Programs and data go where they can, and the start
 * says where. A mount namespace makes the machine look like that to one process.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { freePort } from "../kit/free-port.ts";
import { until } from "../kit/until.ts";

const repository = resolve(import.meta.dirname, "../..");
const canMount = process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;

const scratch = mkdtempSync(join(tmpdir(), "popug-root-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs `"$@"` there: $1 the checkout, $2 where it is to be seen. */
const asSeenThere = `
set -e
mount --bind /dev/null "$(command -v unshare)"
mkdir -p /var/cache
mount -t tmpfs -o ro tmpfs /var/cache
mount --bind "$1" "$2"
cd "$2"
shift 2
exec "$@"
`;

test("root starts it without namespaces below a closed folder: programs are copied to where they can be read, data stay", {
  timeout: 240_000,
  skip: canMount ? false : "only root can make the machine look like that",
}, async () => {
  const closed = join(scratch, "closed");
  const checkout = join(closed, "popug");
  const dataDir = join(closed, "data");
  const temporary = join(scratch, "tmp");
  for (const folder of [closed, checkout, dataDir, temporary]) mkdirSync(folder);
  chmodSync(scratch, 0o755);
  chmodSync(closed, 0o700);
  chmodSync(temporary, 0o1777);
  const port = await freePort();
  const others = Object.entries(process.env).filter(([name]) => !/^(POPUG_|DATABASE_|KAFKA_|NODE_)/.test(name));
  const words = [process.execPath, "bin/run.mjs", "src/main.ts", "start"];
  const child = spawn("unshare", ["--mount", "sh", "-c", asSeenThere, "sh", repository, checkout, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...Object.fromEntries(others), TMPDIR: temporary, POPUG_DATA: dataDir, POPUG_PORT: String(port) },
  });
  after(() => child.kill("SIGKILL"));
  const said = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said.err += chunk.toString()));
  const ended = new Promise<number | null>((settle) => child.once("close", settle));
  await until(
    async () => {
      assert.equal(child.exitCode, null, said.out + said.err);
      return said.out.includes("Popug is ready: ") || undefined;
    },
    { withinMs: 120_000, everyMs: 20, late: () => said.out + said.err },
  );
  assert.equal((await fetch(`http://localhost:${port}/readyz`)).status, 200);

  const told = /^PostgreSQL's programs were copied to (.*)\.$/m.exec(said.out)?.[1] ?? assert.fail(said.out);
  assert(told.startsWith(join(temporary, "popug-programs-0/postgresql-")), told);
  const { uid } = statSync(join(dataDir, "postgres"));
  assert.notEqual(uid, 0, "the data belong to who runs the server …");
  assert(readdirSync(join(dataDir, "postgres")).includes("PG_VERSION"), "… and are where they were asked for");
  const server = Number.parseInt(readFileSync(join(dataDir, "postgres", "postmaster.pid"), "utf8"), 10);
  assert.match(readFileSync(`/proc/${server}/status`, "utf8"), new RegExp(`^Uid:\\s+${uid}\\s`, "m"));
  assert.match(readFileSync(`/proc/${server}/cmdline`, "utf8"), new RegExp(`^${told}/bin/postgres`));
  child.kill("SIGINT");
  assert.equal(await ended, 0, said.err);
});
