/** The settings and their page say the same. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";

const root = resolve(import.meta.dirname, "../..");

test("every variable is documented, and every documented variable is read", () => {
  const code = globSync("src/config*.ts", { cwd: root }).map((file) => readFileSync(resolve(root, file), "utf8"));
  const read = new Set(code.join("\n").match(/(?<=")((?:POPUG|KAFKA)_[A-Z0-9_]+|DATABASE_URL(?:_FILE)?)(?=")/g));
  const page = readFileSync(resolve(root, "docs/configuration.md"), "utf8");
  const documented = new Set(page.match(/(?<=^\| `)[A-Z0-9_]+(?=` \|)/gm));
  assert(read.size > 10);
  assert.deepEqual([...documented].sort(), [...read].sort());
});
