/** Documents that a schema accepts, made to lie near its edges and near those of another schema. */
import Value from "typebox/value";
import { acceptsAll, formsOf, propertyOf, type Form, type Schema } from "./forms.ts";
import { textOfFormat, textOfPattern } from "./sample-text.ts";

/** The longest text or list that is made. Beyond it a limit can be named, but not shown. */
const MAX_LENGTH = 100_000;
const MAX_SAMPLES = 12;

/** Whether a schema accepts a document. */
export function accepts(schema: Schema, document: unknown): boolean {
  return Value.Check(schema as object, document);
}

/** A few documents that the schema accepts, the smallest first; none when none was found. */
export function samplesOf(schema: Schema): unknown[] {
  if (acceptsAll(schema)) return [null, false, 0, "a", [], {}];
  return unique(formsOf({ schema, pointer: "" }).flatMap((form) => candidatesOf(form)))
    .filter((candidate) => accepts(schema, candidate))
    .slice(0, MAX_SAMPLES);
}

/** Documents in or near a form, also at the limits of another; not checked. */
export function candidatesOf(form: Form, other?: Form): unknown[] {
  switch (form.kind) {
    case "values":
      return form.values;
    case "number":
      return numbers(form, other);
    case "string":
      return texts(form, other);
    case "array":
      return lists(form, other);
    case "object":
      return objects(form);
  }
}

function numbers(form: Form & { kind: "number" }, other?: Form): number[] {
  const limits = [form, other].flatMap((one) => (one?.kind === "number" ? [one.min.at, one.max.at, ...one.steps] : []));
  const around = [0, ...limits].filter(Number.isFinite).flatMap((at) => [at, at - 1, at + 1, at - 0.5, at + 0.5]);
  const onStep = form.steps.flatMap((step) =>
    around.flatMap((at) => [Math.floor(at / step), Math.ceil(at / step)].map((n) => n * step)),
  );
  return [...around, ...around.flatMap((at) => [Math.floor(at), Math.ceil(at)]), ...onStep];
}

function texts(form: Form & { kind: "string" }, other?: Form): string[] {
  const beyond = other?.kind === "string" ? [other.minLength - 1, other.maxLength + 1] : [];
  const lengths = unique([
    form.minLength,
    Math.min(form.minLength + 1, form.maxLength),
    form.maxLength,
    ...beyond,
  ]).filter((length) => length >= 0 && length <= MAX_LENGTH);
  const known = form.formats.flatMap((format) => textOfFormat(format) ?? []);
  const patterns = [...form.patterns, ...(other?.kind === "string" ? other.patterns : [])];
  const matching = patterns.flatMap((pattern) =>
    [0, 1, 2, 3, ...lengths].flatMap((repeat) =>
      [0, 1, 2, 5, 9, 17].flatMap((pick) => textOfPattern(pattern, repeat, pick) ?? []),
    ),
  );
  const plain = ["a", "A", "0", " ", "-", "é"].flatMap((sign) => lengths.map((length) => sign.repeat(length)));
  return [...known, ...matching, ...plain];
}

function lists(form: Form & { kind: "array" }, other?: Form): unknown[][] {
  const items = samplesOf(form.items.schema);
  const beyond = other?.kind === "array" ? [other.minItems - 1, other.maxItems + 1] : [];
  const lengths = unique([form.minItems, form.minItems + 1, form.minItems + 2, form.maxItems, ...beyond]).filter(
    (length) => length >= 0 && length <= form.maxItems && length <= MAX_LENGTH,
  );
  return lengths.flatMap((length) => listsOfLength(form, items, length));
}

function listsOfLength(form: Form & { kind: "array" }, items: unknown[], length: number): unknown[][] {
  if (length === 0) return [[]];
  const lists: unknown[][] = [];
  if (length <= items.length) lists.push(items.slice(0, length));
  if (!form.unique) lists.push(...items.slice(0, 2).map((item) => Array.from({ length }, () => item)));
  // Long lists of different things: numbers and texts that count up fit most item schemas.
  if (form.unique && length > items.length) {
    lists.push(Array.from({ length }, (_, at) => at));
    lists.push(Array.from({ length }, (_, at) => `item-${at}`));
  }
  return lists;
}

/** A list of the form with the given item in it. */
export function listWith(form: Form & { kind: "array" }, item: unknown): unknown[][] {
  const length = Math.max(form.minItems, 1);
  const rest = samplesOf(form.items.schema).filter((other) => JSON.stringify(other) !== JSON.stringify(item));
  return [Array.from({ length }, () => item), [item, ...rest.slice(0, length - 1)]];
}

/** The smallest documents of an object form, and those with everything in them. */
export function objects(form: Form & { kind: "object" }): Record<string, unknown>[] {
  const optional = [...form.properties.keys()].filter((name) => !form.required.includes(name));
  const least = form.required.map((name) => [name, samplesOf(propertyOf(form, name).schema)] as const);
  const all = [...least, ...optional.map((name) => [name, samplesOf(propertyOf(form, name).schema)] as const)];
  const build = (parts: typeof all, at: number) =>
    Object.fromEntries(
      parts.flatMap(([name, samples]) => (samples.length === 0 ? [] : [[name, samples[at % samples.length]]])),
    );
  const versions = Math.min(MAX_SAMPLES, Math.max(1, ...all.map(([, samples]) => samples.length)));
  return [least, all].flatMap((parts) => Array.from({ length: versions }, (_, at) => build(parts, at)));
}

/** Documents of an object form in which one property has the given value. */
export function objectsWith(form: Form & { kind: "object" }, name: string, value: unknown): Record<string, unknown>[] {
  return objects(form).map((document) => ({ ...document, [name]: value }));
}

/** The same list without repetitions. */
export function unique<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
