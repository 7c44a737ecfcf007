import assert from "node:assert/strict";
import { test } from "node:test";
import { breaksOf, whyUnreadable } from "../../src/platform/schema/compatibility.ts";
import { closed } from "../../src/platform/contract.ts";
import { cases } from "./compatibility-cases.ts";
import { validator } from "./validator.ts";

for (const [title, writer, reader, refused] of cases) {
  test(`${title}: ${refused === null ? "can be read" : `refused by ${refused[0]}`}`, () => {
    const verdict = whyUnreadable(writer, reader);
    assert.deepEqual(verdict && [verdict.rule, verdict.pointer], refused);
    if (verdict === null || verdict.rule === "undecided") return;
    assert.ok(validator(closed(writer))(verdict.example), "the example can be written");
    assert.ok(!validator(reader)(verdict.example), "the example cannot be read");
  });
}

test("a change is judged against every form that was ever published, in both directions", () => {
  const form = (properties: object, required: string[]) => ({ type: "object", properties, required });
  const first = { name: "first", schema: form({ a: { type: "string" }, b: { type: "string" } }, ["a"]) };
  const second = { name: "second", schema: form({ a: { type: "string" } }, ["a"]) };
  const current = form({ a: { type: "string" }, b: { type: "integer" } }, ["a"]);
  assert.deepEqual(breaksOf(current, [second]), [], "the last form alone would let it pass");
  assert.deepEqual(
    breaksOf(current, [first, second]).map(({ published, direction, rule, pointer }) => [
      published,
      direction,
      rule,
      pointer,
    ]),
    [
      ["first", "backward", "type", "/properties/b"],
      ["first", "forward", "type", "/properties/b"],
    ],
  );
});
