/**
 * Pairs of schemas and the verdict: null, or the rule and the place in the reader that refuse.
 * `writer` stands as it is published; the checker takes it as closed.
 */
import type { Schema } from "../../src/platform/schema/forms.ts";

export type Case = readonly [title: string, writer: Schema, reader: Schema, refused: null | readonly [string, string]];

const object = (properties: Record<string, Schema>, required: string[] = Object.keys(properties)): Schema => ({
  type: "object",
  properties,
  required,
});
const text: Schema = { type: "string" };
const whole: Schema = { type: "integer" };
const either = (...anyOf: Schema[]): Schema => ({ anyOf });
const day: Schema = { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" };
const currency: Schema = { type: "string", pattern: "^[A-Z]{3}$" };
const uuid: Schema = { type: "string", format: "uuid" };

export const cases: readonly Case[] = [
  // Fields of objects
  ["the same object", object({ a: text }), object({ a: text }), null],
  ["order of fields is nothing", object({ a: text, b: whole }), object({ b: whole, a: text }), null],
  ["a field the reader does not know", object({ a: text, b: text }), object({ a: text }), null],
  ["an optional field the writer does not know", object({ a: text }), object({ a: text, b: text }, ["a"]), null],
  [
    "a required field the writer does not know",
    object({ a: text }),
    object({ a: text, b: text }),
    ["required", "/required"],
  ],
  ["a field became optional for the writer", object({ a: text }, []), object({ a: text }), ["required", "/required"]],
  ["a field became optional for the reader", object({ a: text }), object({ a: text }, []), null],
  ["the type of a field", object({ a: text }), object({ a: whole }), ["type", "/properties/a"]],
  [
    "a field deep inside",
    object({ a: object({ b: text }) }),
    object({ a: object({ b: whole }) }),
    ["type", "/properties/a/properties/b"],
  ],
  [
    "a deep required field",
    object({ a: object({}) }),
    object({ a: object({ b: whole }) }),
    ["required", "/properties/a/required"],
  ],
  [
    "a closed reader and a field it does not know",
    object({ a: text, b: text }),
    { ...(object({ a: text }) as object), additionalProperties: false },
    ["additionalProperties", "/additionalProperties"],
  ],
  [
    "a closed reader that knows all fields",
    object({ a: text }),
    { ...(object({ a: text, b: text }, ["a"]) as object), additionalProperties: false },
    null,
  ],
  [
    "other fields are texts, the reader wants numbers",
    { type: "object", additionalProperties: text },
    { type: "object", additionalProperties: whole },
    ["type", "/additionalProperties"],
  ],
  [
    "other fields are texts, the reader takes all",
    { type: "object", additionalProperties: text },
    { type: "object" },
    null,
  ],
  [
    "other fields may meet a field of the reader",
    { type: "object", additionalProperties: text },
    object({ a: whole }, []),
    ["type", "/properties/a"],
  ],
  [
    "a field that the reader forbids",
    object({ a: text }, []),
    { type: "object", properties: { a: false } },
    ["properties", "/properties/a"],
  ],
  ["a field that the writer cannot write", object({ a: false }, []), object({ a: text }, []), null],
  ["a writer that can write nothing", object({ a: false }), object({ b: text }), null],
  ["names with signs of pointers", object({ "a/b~": text }), object({ "a/b~": whole }), ["type", "/properties/a~1b~0"]],
  [
    "any object for an object with fields",
    { type: "object", additionalProperties: true },
    object({ a: text }),
    ["required", "/required"],
  ],
  // Types
  ["anything read as anything", true, true, null],
  ["a text read as anything", text, {}, null],
  ["a text read by a schema with notes only", text, { title: "T", description: "D", "x-note": 1 }, null],
  ["anything read as a text", true, text, ["type", ""]],
  ["nothing read by nobody", false, false, null],
  ["a text read by nobody", text, false, ["type", ""]],
  ["a whole number read as a number", whole, { type: "number" }, null],
  ["a number read as a whole one", { type: "number" }, whole, ["type", "/type"]],
  ["null for a text", { type: "null" }, text, ["type", ""]],
  ["a boolean for a boolean", { type: "boolean" }, { type: "boolean" }, null],
  ["a boolean where only true is read", { type: "boolean" }, { const: true }, ["enum", ""]],
  ["true and false cover a boolean", { type: "boolean" }, either({ const: true }, { const: false }), null],
  ["a list of types widened", { type: ["string", "null"] }, { type: ["null", "string", "integer"] }, null],
  ["a list of types narrowed", { type: ["string", "null"] }, text, ["type", ""]],
  // Unions
  ["a value became nullable for the reader", text, either(text, { type: "null" }), null],
  ["a value became nullable for the writer", either(text, { type: "null" }), text, ["type", ""]],
  ["a union read by a wider union", either(text, { type: "null" }), either({ type: "null" }, whole, text), null],
  [
    "a branch narrowed",
    either({ type: "string", maxLength: 9 }, { type: "null" }),
    either({ type: "string", maxLength: 8 }, { type: "null" }),
    ["maxLength", "/anyOf/0/maxLength"],
  ],
  [
    "kinds told apart by a word, all read",
    object({ kind: { enum: ["a", "b"] } }),
    either(object({ kind: { const: "a" } }), object({ kind: { const: "b" } })),
    null,
  ],
  [
    "kinds told apart by a word, one unread",
    object({ kind: { enum: ["a", "b"] } }),
    either(object({ kind: { const: "a" }, n: text }), object({ kind: { const: "b" } })),
    ["required", "/anyOf/0/required"],
  ],
  [
    "a union of objects read by its own copy",
    either(object({ a: text }), object({ b: text })),
    either(object({ b: text }), object({ a: text })),
    null,
  ],
  // Words
  ["a word added for the reader", { type: "string", enum: ["a"] }, { type: "string", enum: ["a", "b"] }, null],
  ["a word added for the writer", { type: "string", enum: ["a", "b"] }, { type: "string", enum: ["a"] }, ["enum", ""]],
  ["words read as texts", { type: "string", enum: ["a", "b"] }, text, null],
  ["words read as shorter texts", { enum: ["a", "bcd"] }, { type: "string", maxLength: 2 }, ["enum", ""]],
  ["texts read as words", text, { enum: ["a"] }, ["enum", ""]],
  ["a constant among words", { const: "a" }, { enum: ["b", "a"] }, null],
  ["a word of the wrong type is none", { type: "integer", enum: ["a", 1] }, { const: 1 }, null],
  ["numbers among words", { enum: [1, "a", null] }, either(whole, text, { type: "null" }), null],
  // Texts
  ["a longer text may be read", { type: "string", maxLength: 5 }, { type: "string", maxLength: 6 }, null],
  [
    "a shorter text only",
    { type: "string", maxLength: 6 },
    { type: "string", maxLength: 5 },
    ["maxLength", "/maxLength"],
  ],
  ["any text for a limited one", text, { type: "string", maxLength: 5 }, ["maxLength", "/maxLength"]],
  ["an empty text for a filled one", text, { type: "string", minLength: 1 }, ["minLength", "/minLength"]],
  [
    "lengths in characters, not in units",
    { type: "string", maxLength: 1 },
    { type: "string", maxLength: 1, minLength: 0 },
    null,
  ],
  [
    "a length that the pattern implies cannot be proved",
    day,
    { ...(day as object), maxLength: 20 },
    ["undecided", "/maxLength"],
  ],
  ["the same pattern", { ...(day as object), maxLength: 9 }, day, null],
  ["a pattern dropped", currency, text, null],
  ["a pattern added", text, currency, ["pattern", "/pattern"]],
  ["another pattern", { type: "string", pattern: "^[a-z]{3}$" }, currency, ["pattern", "/pattern"]],
  [
    "a pattern that is wider in truth cannot be proved",
    currency,
    { type: "string", pattern: "^[A-Z]{2,3}$" },
    ["undecided", "/pattern"],
  ],
  ["a pattern narrowed", { type: "string", pattern: "^[A-Z]{2,4}$" }, currency, ["pattern", "/pattern"]],
  ["a format dropped", uuid, text, null],
  ["a format added", text, uuid, ["format", "/format"]],
  ["another format", uuid, { type: "string", format: "date-time" }, ["format", "/format"]],
  // Numbers
  ["a range within", { type: "integer", minimum: 1, maximum: 5 }, { type: "integer", minimum: 0, maximum: 5 }, null],
  ["a minimum raised", { type: "integer", minimum: 0 }, { type: "integer", minimum: 1 }, ["minimum", "/minimum"]],
  ["a maximum lowered", { type: "number", maximum: 2 }, { type: "number", maximum: 1.5 }, ["maximum", "/maximum"]],
  [
    "a bound that no longer belongs",
    { type: "number", minimum: 0 },
    { type: "number", exclusiveMinimum: 0 },
    ["minimum", "/minimum"],
  ],
  [
    "a bound among whole numbers written both ways",
    { type: "integer", exclusiveMinimum: 0 },
    { type: "integer", minimum: 1 },
    null,
  ],
  ["a fractional bound among whole numbers", { type: "integer", minimum: 0.5 }, { type: "integer", minimum: 1 }, null],
  [
    "a range covered by two",
    { type: "integer", minimum: 1, maximum: 9 },
    either({ type: "integer", maximum: 4 }, { type: "integer", minimum: 5 }),
    null,
  ],
  [
    "a range with a gap in two",
    { type: "integer", minimum: 1, maximum: 9 },
    either({ type: "integer", maximum: 4 }, { type: "integer", minimum: 6 }),
    ["enum", ""],
  ],
  ["a small range as words", { type: "integer", minimum: 1, maximum: 3 }, { enum: [1, 2, 3] }, null],
  ["an empty range", { type: "integer", minimum: 3, maximum: 1 }, text, null],
  ["multiples of multiples", { type: "integer", multipleOf: 6 }, { type: "integer", multipleOf: 3 }, null],
  [
    "multiples of something else",
    { type: "integer", multipleOf: 3 },
    { type: "integer", multipleOf: 2 },
    ["multipleOf", "/multipleOf"],
  ],
  ["multiples of one are whole", { type: "number", multipleOf: 1 }, whole, null],
  ["whole numbers are multiples of one", whole, { type: "number", multipleOf: 1 }, null],
  // Lists
  ["a list of the same", { type: "array", items: text }, { type: "array", items: text }, null],
  ["items widened", { type: "array", items: whole }, { type: "array", items: { type: "number" } }, null],
  ["items narrowed", { type: "array", items: text }, { type: "array", items: whole }, ["type", "/items"]],
  [
    "items narrowed in a list that is always empty",
    { type: "array", items: text, maxItems: 0 },
    { type: "array", items: whole },
    null,
  ],
  ["a longer list", { type: "array", maxItems: 5 }, { type: "array", maxItems: 4 }, ["maxItems", "/maxItems"]],
  [
    "an empty list",
    { type: "array", items: text },
    { type: "array", items: text, minItems: 1 },
    ["minItems", "/minItems"],
  ],
  [
    "repetitions",
    { type: "array", items: text },
    { type: "array", items: text, uniqueItems: true },
    ["uniqueItems", "/uniqueItems"],
  ],
  ["no repetitions for any", { type: "array", uniqueItems: true }, { type: "array" }, null],
  ["a list of one repeats nothing", { type: "array", maxItems: 1 }, { type: "array", uniqueItems: true }, null],
  [
    "objects in lists gain a field",
    { type: "array", items: object({ a: text, b: text }) },
    { type: "array", items: object({ a: text }) },
    null,
  ],
  [
    "objects in lists want a field",
    { type: "array", items: object({ a: text }), minItems: 2 },
    { type: "array", items: object({ a: text, b: text }) },
    ["required", "/items/required"],
  ],
  ["a list of nothing is empty", { type: "array", items: false }, { type: "array", maxItems: 0 }, null],
  // What is not read is never waved through
  ["keywords outside of the subset, the same", { not: text }, { not: text }, null],
  [
    "keywords outside of the subset, in the reader",
    whole,
    { type: "integer", not: { const: 1e12 } },
    ["undecided", "/not"],
  ],
  ["keywords outside of the subset, in the writer", { type: "string", not: { const: "a" } }, text, null],
  [
    "a tuple for a list",
    { type: "array", items: text },
    { type: "array", prefixItems: [text] },
    ["undecided", "/prefixItems"],
  ],
  // What names or places exempt from a limit is not held to it, in the writer either
  [
    "a tuple before a list",
    { type: "array", prefixItems: [text], items: whole },
    { type: "array", items: whole },
    ["undecided", "/items"],
  ],
  [
    "a list that is its tuple alone",
    { type: "array", prefixItems: [text], items: false },
    { type: "array", maxItems: 0 },
    ["undecided", "/maxItems"],
  ],
  [
    "fields that a pattern allows beside no others",
    { type: "object", patternProperties: { "^x": text }, additionalProperties: false },
    { type: "object", additionalProperties: false },
    ["undecided", "/additionalProperties"],
  ],
  [
    "a required field that only a pattern allows",
    { type: "object", required: ["x"], patternProperties: { "^x": text }, additionalProperties: false },
    { type: "object", properties: { x: whole } },
    ["type", "/properties/x"],
  ],
  ["one of", text, { oneOf: [text, whole] }, ["undecided", "/oneOf"]],
  ["a keyword outside of the subset that an example settles", text, { allOf: [whole] }, ["other", "/allOf"]],
];
