import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { arrayLiteral } from "../../src/platform/array-literal.ts";
import { ownSql } from "./own-sql.ts";

const sql = await ownSql();

const there = async (type: string, values: readonly unknown[]) => {
  const [row] = await sql<{ values: unknown[] }>(`select $1::${type}[] as values`, [values]);
  return row?.values;
};

test("texts of any kind come back as they were: quotes, commas, braces, line ends, words that mean nothing", async () => {
  const odd = [
    "",
    "null",
    "NULL",
    "Null",
    " a ",
    'a"b',
    "a\\b",
    "{a,b}",
    "a,b",
    "\n\t",
    "попуг",
    "'",
    "nullable",
    "-",
    "𝄞",
  ];
  assert.deepEqual(await there("text", [...odd, null]), [...odd, null]);
  const text = fc.string({ unit: "binary" }).filter((it) => !it.includes("\0"));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(text)), async (values) => {
      assert.deepEqual(await there("text", values), values);
    }),
    { numRuns: 200 },
  );
});

test("numbers, truths, moments and JSON come back as they were; nothing stands for what is not there", async () => {
  assert.deepEqual(await there("float8", [1, -2.5, 1e300, null]), [1, -2.5, 1e300, null]);
  const large = String(Number.MAX_SAFE_INTEGER);
  assert.deepEqual(await there("bigint", [Number.MAX_SAFE_INTEGER, 0]), [large, "0"]);
  assert.deepEqual(await there("boolean", [true, false, null]), [true, false, null]);
  const moments = [new Date("2046-11-22T23:00:00.123Z"), new Date(0)];
  assert.deepEqual(await there("timestamptz", moments), moments);
  const data = { title: 'say "no", \\ {or} [not]\n' };
  assert.deepEqual(await there("jsonb", [JSON.stringify(data)]), [data]);
  assert.deepEqual(await there("text", []), []);
});

test("what holds anything else is left to the driver", async () => {
  assert.equal(arrayLiteral([[1], [2]]), undefined);
  assert.equal(arrayLiteral([Buffer.from("x")]), undefined);
  const [row] = await sql<{ n: number }>("select cardinality($1::int[][]) as n", [
    [
      [1, 2],
      [3, 4],
    ],
  ]);
  assert.equal(row?.n, 4);
});
