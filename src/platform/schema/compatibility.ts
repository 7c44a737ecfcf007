/**
 * May what one version of a schema writes be read by another? The rule is *closed writer ⊆ open reader*: every
 * document that the writer can produce (nothing besides its declared fields) must be accepted by the reader.
 *
 * The checker errs on one side only: `null` is a proof, for the subset of JSON Schema that contracts use
 * (`forms.ts`); what it cannot prove it refuses, with a counter-example that a validator has confirmed,
 * or as `undecided` when there is none.
 */
import { closed } from "../contract.ts";
import { acceptsAll, formsOf, propertyOf, type Form, type Place, type Schema } from "./forms.ts";
import { accepts, candidatesOf, listWith, objectsWith, samplesOf, unique } from "./sample.ts";

/** Why a writer's documents cannot all be read. */
export type Incompatibility = {
  /** JSON pointer into the reader's schema: the place that refuses. */
  pointer: string;
  /** The keyword of JSON Schema that refuses; `other` for one outside of the subset; `undecided` without a proof. */
  rule: Rule;
  /** Accepted by the writer, refused by the reader; absent when the rule is `undecided`. */
  example?: unknown;
};

export type Rule =
  | "type"
  | "enum"
  | "required"
  | "additionalProperties"
  | "properties"
  | "minimum"
  | "maximum"
  | "multipleOf"
  | "minLength"
  | "maxLength"
  | "pattern"
  | "format"
  | "minItems"
  | "maxItems"
  | "uniqueItems"
  | "other"
  | "undecided";

/** Something a reader's form does not take of a writer's form, and documents that may show it. */
type Gap = { pointer: string; rule: Rule; show: () => unknown[] };

/** How many cases a check may distinguish before it gives up as undecided. */
const MAX_CASES = 2_000;
/** A range of whole numbers is looked at one by one up to this width; so is a property's list of alternatives. */
const MAX_RANGE = 256;
const MAX_ALTERNATIVES = 16;

/**
 * Null when every document of the writer, taken as closed, is accepted by the reader as it stands; else the first
 * reason why not.
 */
export function whyUnreadable(writer: Schema, reader: Schema): Incompatibility | null {
  const sealed = typeof writer === "boolean" ? writer : (closed(writer) as Schema);
  return contained({ schema: sealed, pointer: "" }, { schema: reader, pointer: "" }, { left: MAX_CASES });
}

/** A reason why two forms of one contract cannot be in use at the same time. */
export type Break = Incompatibility & {
  /** Which of the published forms, as named by the caller. */
  published: string;
  /** `backward`: today's reader refuses what was written. `forward`: a reader of then refuses what is written today. */
  direction: "backward" | "forward";
};

/** Full and transitive: today's form against every form that was ever published, in both directions. */
export function breaksOf(current: Schema, published: readonly { name: string; schema: Schema }[]): Break[] {
  return published.flatMap(({ name, schema }) => {
    const backward = whyUnreadable(schema, current);
    const forward = whyUnreadable(current, schema);
    return [
      ...(backward ? [{ ...backward, published: name, direction: "backward" as const }] : []),
      ...(forward ? [{ ...forward, published: name, direction: "forward" as const }] : []),
    ];
  });
}

type Budget = { left: number };

function contained(writer: Place, reader: Place, budget: Budget): Incompatibility | null {
  // Whatever is in it: the same schema accepts the same documents.
  if (sameText(writer.schema, reader.schema) || acceptsAll(reader.schema)) return null;
  const readers = formsOf(reader);
  for (const form of formsOf(writer)) {
    budget.left -= 1;
    const gap = budget.left < 0 ? undecided(reader) : formContained(form, writer, reader, readers, budget);
    if (gap !== null) return gap;
  }
  return null;
}

function formContained(
  form: Form,
  writer: Place,
  reader: Place,
  readers: readonly Form[],
  budget: Budget,
): Incompatibility | null {
  if (form.kind === "values") return valuesContained(form.values, writer, reader, readers);
  const gaps: Gap[] = [];
  for (const other of readers.filter((candidate) => candidate.kind === form.kind)) {
    const found = gapsBetween(form, other, budget);
    if (found.length === 0) return null;
    gaps.push(...found);
  }
  const cases = splitIntoCases(form, readers);
  if (cases !== null) {
    for (const one of cases) {
      const problem = contained({ schema: one, pointer: writer.pointer }, reader, budget);
      if (problem !== null) return problem;
    }
    return null;
  }
  const proves = (document: unknown) => accepts(writer.schema, document) && !accepts(reader.schema, document);
  if (gaps.length === 0) gaps.push({ pointer: reader.pointer, rule: ruleOfKind(readers), show: () => [] });
  for (const gap of gaps) {
    const example = gap.show().find(proves);
    if (example !== undefined) return { pointer: gap.pointer, rule: gap.rule, example };
  }
  const example = unique([
    ...samplesOf(writer.schema),
    ...candidatesOf(form),
    ...readers.flatMap((other) => candidatesOf(form, other)),
  ]).find(proves);
  const [first] = gaps as [Gap, ...Gap[]];
  if (example === undefined) return undecided(first);
  return { pointer: first.pointer, rule: first.rule === "undecided" ? "other" : first.rule, example };
}

function valuesContained(
  values: readonly unknown[],
  writer: Place,
  reader: Place,
  readers: readonly Form[],
): Incompatibility | null {
  const example = values.find((value) => accepts(writer.schema, value) && !accepts(reader.schema, value));
  if (example === undefined) return null;
  const rule = readers.some((form) => form.kind === "values") ? "enum" : ruleOfKind(readers, typeof example);
  return { pointer: reader.pointer, rule, example };
}

/** The rule for documents of a type that the reader does not take, or (of this type) takes only some values of. */
function ruleOfKind(readers: readonly Form[], kind?: string): Rule {
  if (kind !== undefined && readers.some((form) => form.kind === kind)) return "enum";
  return readers.some((form) => form.kind === "values" && form.values.length > 0 && form.values[0] !== null)
    ? "enum"
    : "type";
}

function gapsBetween(writer: Form, reader: Form, budget: Budget): Gap[] {
  const gaps = keywordGaps(writer, reader, budget);
  const unread = reader.unread.map(
    (keyword): Gap => ({
      pointer: `${reader.pointer}/${keyword}`,
      rule: "undecided",
      show: () => [],
    }),
  );
  return [...gaps, ...unread];
}

function keywordGaps(writer: Form, reader: Form, budget: Budget): Gap[] {
  if (writer.kind === "number" && reader.kind === "number") return numberGaps(writer, reader);
  if (writer.kind === "string" && reader.kind === "string") return stringGaps(writer, reader);
  if (writer.kind === "array" && reader.kind === "array") return arrayGaps(writer, reader, budget);
  if (writer.kind === "object" && reader.kind === "object") return objectGaps(writer, reader, budget);
  return [];
}

function gapsWhere(writer: Form, reader: Form, tests: readonly (readonly [Rule, boolean])[]): Gap[] {
  return tests
    .filter(([, isGap]) => isGap)
    .map(([rule]) => ({ pointer: `${reader.pointer}/${rule}`, rule, show: () => candidatesOf(writer, reader) }));
}

function numberGaps(writer: Form & { kind: "number" }, reader: Form & { kind: "number" }): Gap[] {
  const stricter = (ours: { at: number; open: boolean }, theirs: typeof ours, sign: 1 | -1) =>
    sign * theirs.at > sign * ours.at || (theirs.at === ours.at && theirs.open && !ours.open);
  const covered = (step: number) =>
    (step === 1 && writer.integer) ||
    writer.steps.some((own) => own === step || (Number.isInteger(own) && Number.isInteger(step) && own % step === 0));
  const typeGap = gapsWhere(writer, reader, [["type", reader.integer && !writer.integer]]);
  return [
    ...typeGap,
    ...gapsWhere(writer, reader, [
      ["minimum", stricter(writer.min, reader.min, 1)],
      ["maximum", stricter(writer.max, reader.max, -1)],
      ["multipleOf", !reader.steps.every(covered)],
    ]),
  ];
}

function stringGaps(writer: Form & { kind: "string" }, reader: Form & { kind: "string" }): Gap[] {
  return gapsWhere(writer, reader, [
    ["minLength", reader.minLength > writer.minLength],
    ["maxLength", reader.maxLength < writer.maxLength],
    ["pattern", !reader.patterns.every((pattern) => writer.patterns.includes(pattern))],
    ["format", !reader.formats.every((format) => writer.formats.includes(format))],
  ]);
}

function arrayGaps(writer: Form & { kind: "array" }, reader: Form & { kind: "array" }, budget: Budget): Gap[] {
  const gaps = gapsWhere(writer, reader, [
    ["minItems", reader.minItems > writer.minItems],
    ["maxItems", reader.maxItems < writer.maxItems],
    ["uniqueItems", reader.unique && !writer.unique && writer.maxItems > 1],
  ]);
  if (writer.maxItems === 0) return gaps;
  const item = contained(writer.items, reader.items, budget);
  return item === null ? gaps : [...gaps, inside(item, (example) => listWith(writer, example))];
}

function objectGaps(writer: Form & { kind: "object" }, reader: Form & { kind: "object" }, budget: Budget): Gap[] {
  const gaps: Gap[] = reader.required
    .filter((name) => !writer.required.includes(name))
    .map((name) => ({
      pointer: `${reader.pointer}/required`,
      rule: "required",
      show: () =>
        (candidatesOf(writer) as Record<string, unknown>[]).map((document) => {
          const { [name]: _left, ...rest } = document;
          return rest;
        }),
    }));
  for (const name of new Set([...writer.properties.keys(), ...reader.properties.keys()])) {
    const theirs = propertyOf(reader, name);
    const problem = contained(propertyOf(writer, name), theirs, budget);
    if (problem === null) continue;
    const named = { ...problem, ...(theirs.schema === false && { rule: refusedBy(reader, name) }) };
    gaps.push(inside(named, (example) => objectsWith(writer, name, example)));
  }
  const others = contained(writer.others, reader.others, budget);
  if (others !== null) gaps.push(inside(others, (example) => objectsWith(writer, "unforeseen", example)));
  return gaps;
}

function refusedBy(reader: Form & { kind: "object" }, name: string): Rule {
  return reader.properties.has(name) ? "properties" : "additionalProperties";
}

/** A problem inside of a document, shown by whole documents. */
function inside(problem: Incompatibility, wrap: (example: unknown) => unknown[]): Gap {
  const { pointer, rule } = problem;
  return { pointer, rule, show: () => ("example" in problem ? wrap(problem.example) : []) };
}

/**
 * Schemas whose union is the form, when looking at them one by one may succeed where the whole did not: the reader
 * covers the form only with several forms of its own together. Null when there is nothing to split.
 */
function splitIntoCases(form: Form, readers: readonly Form[]): Schema[] | null {
  if (form.unread.length > 0 || readers.some((reader) => reader.unread.length > 0)) return null;
  if (form.kind === "number" && form.integer && form.max.at - form.min.at <= MAX_RANGE) {
    const values = Array.from({ length: form.max.at - form.min.at + 1 }, (_, at) => form.min.at + at);
    return [{ enum: values.filter((value) => accepts(form.schema, value)) }];
  }
  const rivals = readers.filter((reader) => reader.kind === "object");
  if (form.kind !== "object" || rivals.length < 2 || typeof form.schema === "boolean") return null;
  for (const [name, place] of form.properties) {
    const cases = alternativesOf(place.schema);
    const told = rivals.some((rival) => !sameText(propertyOf(rival, name).schema, propertyOf(rivals[0]!, name).schema));
    if (!told || cases.length < 2 || cases.length > MAX_ALTERNATIVES) continue;
    const properties = form.schema["properties"] as Record<string, Schema>;
    return cases.map((one) => ({
      ...(form.schema as object),
      type: "object",
      properties: { ...properties, [name]: one },
    }));
  }
  return null;
}

function alternativesOf(schema: Schema): Schema[] {
  return formsOf({ schema, pointer: "" }).flatMap((form) =>
    form.kind === "values" ? form.values.map((value) => ({ const: value })) : [form.schema],
  );
}

function undecided({ pointer }: { pointer: string }): Incompatibility {
  return { pointer, rule: "undecided" };
}

function sameText(a: Schema, b: Schema): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
