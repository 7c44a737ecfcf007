import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { mutants } from "./guard-mutants.ts";

const root = resolve(import.meta.dirname, "../..");
const pages = ["docs/security.md", "docs/personal-data.md"];

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
    assert.equal(Number(count.exec(text)?.[1] ?? 0), rows.filter((row) => row[2] === state).length, state);
  }
});

test("every check of identity that could be weakened stands in its file once, and has a test that notices", async () => {
  assert.ok(mutants.length >= 30, `${mutants.length} mutants`);
  for (const {
    file,
    from,
    test: [testFile, title],
  } of mutants) {
    const words = (text: string) => text.split(/\s+/).join(" ").trim();
    const found = words(await readFile(join(root, file), "utf8")).split(words(from)).length - 1;
    assert.equal(found, 1, `${file}: ${from}`);
    assert.ok((await readFile(join(root, testFile), "utf8")).includes(title), `${testFile}: ${title}`);
  }
});
