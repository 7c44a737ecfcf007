import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "csv-parse/sync";
import { toCsv } from "../../src/platform/csv.ts";

test("a cell that a spreadsheet would run is text; whatever stands in a cell is read back as it was", () => {
  const evil = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "|cmd",
    "%0A",
    "\t=1",
    "\r=1",
    "\n1",
    " =1",
    "\u00A0-1",
    "\u0000@x",
    "＝1",
    "＠x",
  ];
  const good = ["a", "", " a", "1=1", "a-b", 'say "hi"', "x,y", "x;y", "two\nlines", "Кеша"];
  for (const decimalComma of [false, true]) {
    const read = (row: string[]) => parse(toCsv([row], { decimalComma }), { delimiter: decimalComma ? ";" : "," })[0];
    assert.deepEqual(
      read(evil),
      evil.map((cell) => `'${cell}`),
    );
    assert.deepEqual(read(good), good);
  }
});

test("amounts stay numbers, in the form that the spreadsheet's language has for them", () => {
  const rows = [["a", { number: "-12.30" }]];
  assert.equal(toCsv(rows), "a,-12.30\r\n");
  assert.equal(toCsv(rows, { decimalComma: true }), "a;-12,30\r\n");
});
