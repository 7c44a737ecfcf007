import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";

const root = resolve(import.meta.dirname, "../..");
const pages = ["docs/security.md", "docs/personal-data.md", "test/identity/guard-mutants.md"];

for (const page of pages) {
  test(`${page}: what it points to is there`, async () => {
    const text = await readFile(join(root, page), "utf8");
    for (const [, target = ""] of text.matchAll(/\]\(([^)#]+)\)/g)) {
      assert.ok(existsSync(join(root, dirname(page), target)), target);
    }
  });
}

test("at least two hundred requirements of ASVS are answered, each once, with a place", async () => {
  const text = await readFile(join(root, "docs/security.md"), "utf8");
  const rows = [
    ...text.matchAll(/^\| (\d+\.\d+\.\d+) \| [12] \| .+ \| (met|operator|\*\*not met\*\*) \| .+ \| .*\]\(.+\) \|$/gm),
  ];
  assert.ok(rows.length >= 200, `${rows.length} rows`);
  assert.equal(new Set(rows.map((row) => row[1])).size, rows.length);
  for (const [count, state] of [
    [/(\d+) are met by the product/, "met"],
    [/(\d+) need the operator/, "operator"],
    [/(\d+) are not met/, "**not met**"],
  ] as const) {
    assert.equal(Number(count.exec(text)?.[1]), rows.filter((row) => row[2] === state).length, state);
  }
});

test("every check of identity that could be weakened has been, and some test noticed", async () => {
  const text = await readFile(join(root, "test/identity/guard-mutants.md"), "utf8");
  const rows = [...text.matchAll(/^\| \d+ \| `([^`]+)` \|/gm)];
  assert.ok(rows.length >= 30, `${rows.length} mutants`);
  for (const [, file = ""] of rows) assert.ok(existsSync(join(root, file)), file);
});
