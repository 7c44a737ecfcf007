/**
 * Weakens each guard of `identity/guard-mutants.ts` in a copy of the repository, one at a time, and runs the test that has
 * to notice; before that, all of these tests have to pass there as it is. Ends with one line of counts. Arguments take
 * the mutants whose file or meaning has one of them as a part.
 */
import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildWeb } from "../src/app/build-web.ts";
import { type Mutant, mutants } from "./identity/guard-mutants.ts";
import { startServer, type TestServer } from "./kit/server.ts";

const ROOT = join(import.meta.dirname, "..");
const WITHIN_MS = 300_000;

type Outcome = "killed" | "survived" | "does not apply" | "is no program";

const wanted = process.argv.slice(2);
const chosen = mutants.filter(
  ({ file, means }) => wanted.length === 0 || wanted.some((part) => file.includes(part) || means.includes(part)),
);

await buildWeb((sentence) => console.log(sentence));
const copy = await copyOfTree();
const server = await startServer();
const counts: Record<Outcome, number> = { killed: 0, survived: 0, "does not apply": 0, "is no program": 0 };
let unfit = 0;
try {
  for (const [file, titles] of Map.groupBy(chosen, ({ test }) => test[0])) {
    const names = [...new Set(titles.map(({ test }) => test[1]))];
    const { passed, failed, out } = await runTests(file, names, server);
    if (failed === 0 && passed >= names.length) continue;
    unfit++;
    console.log(`${file} without any mutant: ${passed} of ${names.length} passed\n${out}`);
  }
  for (const mutant of unfit > 0 ? [] : chosen) {
    const outcome = await tryOut(mutant);
    counts[outcome]++;
    console.log(`${outcome}: ${mutant.file}: ${mutant.means}`);
  }
} finally {
  await server.stop();
  await rm(copy, { recursive: true, force: true });
}
console.log(
  `${counts.killed} passed, ${chosen.length - counts.killed} failed (${Object.entries(counts)
    .map(([outcome, count]) => `${outcome}: ${count}`)
    .join(", ")})`,
);
process.exit(counts.killed === chosen.length && chosen.length > 0 ? 0 : 1);

/** What the product and its tests read, without what is installed, which is only pointed to. */
async function copyOfTree(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "popug-mutants-"));
  for (const name of ["bin", "docs", "schemas", "src", "test", "web", "package.json", "package-lock.json"]) {
    await cp(join(ROOT, name), join(folder, name), {
      recursive: true,
      filter: (path) => !path.endsWith("node_modules"),
    });
  }
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

async function tryOut({ file, from, to, test }: Mutant): Promise<Outcome> {
  const path = join(copy, file);
  const text = await readFile(path, "utf8");
  const pattern = new RegExp(from.trim().split(/\s+/).map(literally).join("\\s+"), "g");
  if ([...text.matchAll(pattern)].length !== 1) return "does not apply";
  await writeFile(
    path,
    text.replace(pattern, () => to),
  );
  try {
    // A changed migration is not in the template that was made before.
    const { failed, out } = await runTests(test[0], [test[1]], file.endsWith(".sql") ? undefined : server);
    if (failed === 0) return "survived";
    return /SyntaxError|ReferenceError|ERR_MODULE_NOT_FOUND/.test(out) ? "is no program" : "killed";
  } finally {
    await writeFile(path, text);
  }
}

/** Runs the tests of a file of the copy whose titles have one of these parts. */
async function runTests(file: string, titles: readonly string[], given: TestServer | undefined) {
  const { POPUG_TEST_SERVER: _, ...env } = process.env;
  const child = spawn(
    process.execPath,
    [
      ...["--test", "--test-force-exit", `--test-timeout=${WITHIN_MS}`, "--test-reporter=spec"],
      ...titles.map((title) => `--test-name-pattern=${literally(title)}`),
      file,
    ],
    {
      cwd: copy,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...env,
        ...(given && { POPUG_TEST_SERVER: JSON.stringify({ admin: given.admin, template: given.template }) }),
        FORCE_COLOR: "0",
      },
    },
  );
  let out = "";
  for (const channel of [child.stdout, child.stderr]) channel.on("data", (chunk) => (out += String(chunk)));
  await new Promise((resolve) => child.once("close", resolve));
  const count = (name: string) => Number(new RegExp(`^ℹ ${name} (\\d+)$`, "m").exec(out)?.[1] ?? 0);
  return { passed: count("pass"), failed: count("fail") + count("cancelled"), out };
}

function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
