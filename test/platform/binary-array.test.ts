import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { binaryArray } from "../../src/platform/binary-array.ts";
import { ownSql } from "./own-sql.ts";

const sql = await ownSql();

type Type = Parameters<typeof binaryArray>[0];

/** Whether the server reads the bytes as it reads the same values from text. */
async function assertSame<T>(type: Type, arbitrary: fc.Arbitrary<T>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitrary, { maxLength: 50 }), async (values) => {
      const bytes = binaryArray(type, values as never);
      const [row] = await sql<{ same: boolean }>(`select $1::${type}[] is not distinct from $2::${type}[] as same`, [
        bytes,
        values,
      ]);
      assert.equal(row?.same, true, JSON.stringify(values));
    }),
    { numRuns: 200 },
  );
}

const bits = (n: number) => fc.integer({ min: -(2 ** n), max: 2 ** n - 1 });

test("what is sent in bytes is what the same values are in text, to the last number of each type", async () => {
  await assertSame("boolean", fc.boolean());
  await assertSame("smallint", bits(15));
  await assertSame("int", bits(31));
  await assertSame("bigint", fc.maxSafeInteger());
  await assertSame(
    "uuid",
    fc.oneof(
      fc.uuid(),
      fc.uuid().map((id) => id.toUpperCase()),
    ),
  );
  await assertSame(
    "timestamptz",
    fc.date({ min: new Date(-62135596800000), max: new Date(2.5e14), noInvalidDate: true }),
  );
});

test("the ends of each type come through, and what lies beyond them is refused instead of cut", async () => {
  for (const [type, n] of [
    ["smallint", 15],
    ["int", 31],
  ] as const) {
    assert.throws(() => binaryArray(type, [2 ** n]), RangeError);
    assert.throws(() => binaryArray(type, [-(2 ** n) - 1]), RangeError);
  }
  const ends = [Number.MIN_SAFE_INTEGER, -(2 ** 32), -1, 0, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER];
  const [row] = await sql<{ ends: string[] }>("select $1::bigint[]::text[] as ends", [binaryArray("bigint", ends)]);
  assert.deepEqual(row?.ends.map(Number), ends);
  for (const wrong of [2 ** 53, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => binaryArray("bigint", [wrong]), RangeError);
    assert.throws(() => binaryArray("int", [wrong]), RangeError);
  }
  assert.throws(() => binaryArray("timestamptz", [new Date(Number.NaN)]), RangeError);
});

test("what is no id is refused: digits of others, hyphens elsewhere, too short, too long", () => {
  const id = "0199a5b0-7c1e-7000-8000-0123456789ab";
  for (const wrong of [
    "",
    id.slice(1),
    `${id}0`,
    id.replace("a", "g"),
    id.replace("a", "б"),
    id.replace("-", "0"),
    id.replaceAll("-", ""),
  ]) {
    assert.throws(() => binaryArray("uuid", [wrong]), RangeError, wrong);
  }
});

test("the server refuses bytes of another type than the statement declares", async () => {
  await assert.rejects(sql("select $1::bigint[]", [binaryArray("int", [1])]), /instead of expected|wrong element type/);
});
