import assert from "node:assert/strict";
import { test } from "node:test";
import { table } from "../../src/app/cli/table.ts";

test("what people wrote moves no cursor, colours nothing and adds no line to a table in a terminal", () => {
  const rows = [
    ["Кеша\u001b[2J\u009b31m", "x\nadmin  admin"],
    ["\u202egnp.exe", "Ünïcode 🦜"],
  ];
  const shown = table(["name", "title"], rows);
  assert.equal(shown.split("\n").length, 5);
  assert.doesNotMatch(shown.replaceAll("\n", ""), /[\p{Cc}\u202e]/u);
  assert.ok(shown.includes("Кеша") && shown.includes("Ünïcode 🦜"));
});
