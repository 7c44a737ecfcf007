/**
 * The forms of a JSON Schema: what it accepts, as a list of simple sets whose union it is. The subset is the one that
 * contracts use. Whatever is outside of it is named in `unread`, so that a caller can err on the safe side:
 * a form with `unread` keywords accepts at most what it says, perhaps less.
 */
export type Schema = boolean | { readonly [keyword: string]: unknown };

/** A schema and where it stands in its document. */
export type Place = { schema: Schema; pointer: string };

export type NumberForm = { kind: "number"; integer: boolean; min: Bound; max: Bound; steps: number[] };
/** `open`: the bound itself does not belong to the set. */
export type Bound = { at: number; open: boolean };
export type StringForm = {
  kind: "string";
  minLength: number;
  maxLength: number;
  patterns: string[];
  formats: string[];
};
export type ArrayForm = { kind: "array"; items: Place; minItems: number; maxItems: number; unique: boolean };
export type ObjectForm = {
  kind: "object";
  properties: ReadonlyMap<string, Place>;
  required: readonly string[];
  /** What every other property may be; schema false: there is no other. */
  others: Place;
};
export type ValuesForm = { kind: "values"; values: unknown[] };
export type Form = Place & { unread: string[] } & (NumberForm | StringForm | ArrayForm | ObjectForm | ValuesForm);

const annotations = new Set(
  "$id $schema $comment title description default examples deprecated readOnly writeOnly".split(" "),
);
const keywordsOf: Record<string, readonly string[]> = {
  null: [],
  boolean: [],
  integer: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  string: ["minLength", "maxLength", "pattern", "format"],
  array: ["items", "minItems", "maxItems", "uniqueItems"],
  object: ["properties", "required", "additionalProperties"],
};
const typed = new Set(Object.values(keywordsOf).flat());
/** Constraints of one type that are not read: they concern forms of that type only. */
const unreadOf: Record<string, readonly string[]> = {
  array: ["prefixItems", "additionalItems", "contains", "minContains", "maxContains", "unevaluatedItems"],
  object: [
    ..."patternProperties propertyNames minProperties maxProperties unevaluatedProperties".split(" "),
    ..."dependentRequired dependentSchemas dependencies".split(" "),
  ],
};
const unreadTyped = new Set(Object.values(unreadOf).flat());

/** The keywords of a schema that are not notes for readers. */
export function constraintsOf(schema: Schema): string[] {
  if (typeof schema === "boolean") return [];
  return Object.keys(schema).filter((name) => !annotations.has(name) && !name.startsWith("x-"));
}

/** Whether the schema says nothing about a document. */
export function acceptsAll(schema: Schema): boolean {
  return schema !== false && constraintsOf(schema).length === 0;
}

function acceptsNothing(place: Place): boolean {
  return !acceptsAll(place.schema) && formsOf(place).length === 0;
}

/** The forms of a schema. None: it accepts nothing. */
export function formsOf(place: Place): Form[] {
  const { schema, pointer } = place;
  if (schema === false) return [];
  const [object, mistyped] = wellTyped(schema === true ? {} : schema);
  const keywords = constraintsOf(object);
  const unread = [
    ...mistyped,
    ...keywords.filter((name) => !typed.has(name) && !known.has(name) && !unreadTyped.has(name)),
  ];
  if (Array.isArray(object["anyOf"])) {
    // Keywords beside `anyOf` narrow it further; contracts never have any.
    const beside = [...mistyped, ...keywords.filter((name) => name !== "anyOf")];
    return object["anyOf"]
      .flatMap((branch: Schema, at) => formsOf({ schema: branch, pointer: `${pointer}/anyOf/${at}` }))
      .map((form) => ({ ...form, unread: [...form.unread, ...beside] }));
  }
  if ("enum" in object || "const" in object) {
    const values = "const" in object ? [object["const"]] : (object["enum"] as unknown[]);
    const beside = keywords.filter((name) => name !== "enum" && name !== "const" && name !== "type");
    const bothGiven = "enum" in object && "const" in object ? ["enum"] : [];
    const fitting = values.filter((value) => typesOf(object).some((type) => isOfType(value, type)));
    return fitting.length === 0
      ? []
      : [{ schema, pointer, kind: "values", values: fitting, unread: [...beside, ...bothGiven] }];
  }
  return typesOf(object).flatMap((type): Form[] => {
    const tuple = type === "array" && Array.isArray(object["items"]) ? ["items"] : [];
    const more = [...keywords.filter((name) => unreadOf[type]?.includes(name)), ...tuple];
    const form = formOfType(object, pointer, type);
    return form === null ? [] : [{ schema, pointer, unread: [...unread, ...more], ...form }];
  });
}

/** Keywords with values of another type than theirs (older drafts have some) are set aside, so that nobody computes with them. */
function wellTyped(schema: {
  readonly [keyword: string]: unknown;
}): [{ readonly [keyword: string]: unknown }, string[]] {
  const mistyped = Object.entries(schema).filter(([name, value]) => {
    if (["pattern", "format"].includes(name)) return typeof value !== "string";
    if (["required", "enum", "anyOf"].includes(name)) return !Array.isArray(value);
    if (name === "uniqueItems") return typeof value !== "boolean";
    if (["properties", "additionalProperties", "items", "type"].includes(name)) return false;
    return typed.has(name) && typeof value !== "number";
  });
  const names = mistyped.map(([name]) => name);
  return [Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name))), names];
}

const known = new Set(["type", "enum", "const", "anyOf"]);

function typesOf(schema: { readonly [keyword: string]: unknown }): string[] {
  const type = schema["type"];
  if (type === undefined) return ["null", "boolean", "number", "string", "array", "object"];
  return Array.isArray(type) ? (type as string[]) : [type as string];
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}

type AnyForm = NumberForm | StringForm | ArrayForm | ObjectForm | ValuesForm;

function formOfType(schema: { readonly [keyword: string]: unknown }, pointer: string, type: string): AnyForm | null {
  const number = (name: string, otherwise: number) => (schema[name] as number | undefined) ?? otherwise;
  switch (type) {
    case "null":
      return { kind: "values", values: [null] };
    case "boolean":
      return { kind: "values", values: [false, true] };
    case "integer":
    case "number":
      return numberForm(schema, type === "integer");
    case "string": {
      const [minLength, maxLength] = [number("minLength", 0), number("maxLength", Number.POSITIVE_INFINITY)];
      if (minLength > maxLength) return null;
      const list = (name: string) => (name in schema ? [schema[name] as string] : []);
      return { kind: "string", minLength, maxLength, patterns: list("pattern"), formats: list("format") };
    }
    case "array": {
      // What stands in a tuple is not held to `items`: of it the form says nothing, for it may not say too little.
      const isTuple = "prefixItems" in schema || Array.isArray(schema["items"]);
      const given = isTuple ? undefined : (schema["items"] as Schema | undefined);
      const items = { schema: given ?? true, pointer: `${pointer}/items` };
      const minItems = number("minItems", 0);
      const maxItems = !acceptsNothing(items) ? number("maxItems", Number.POSITIVE_INFINITY) : 0;
      return minItems > maxItems
        ? null
        : { kind: "array", items, minItems, maxItems, unique: schema["uniqueItems"] === true };
    }
    case "object":
      return objectForm(schema, pointer);
    default:
      return null;
  }
}

function numberForm(schema: { readonly [keyword: string]: unknown }, whole: boolean): NumberForm | null {
  const steps = "multipleOf" in schema ? [schema["multipleOf"] as number] : [];
  const integer = whole || steps.some((step) => Number.isInteger(step));
  const bound = (inclusive: string, exclusive: string, none: number): Bound => {
    const closed = (schema[inclusive] as number | undefined) ?? none;
    const open = (schema[exclusive] as number | undefined) ?? none;
    const openWins = exclusive in schema && (none < 0 ? open >= closed : open <= closed);
    return openWins ? { at: open, open: true } : { at: closed, open: false };
  };
  const min = bound("minimum", "exclusiveMinimum", Number.NEGATIVE_INFINITY);
  const max = bound("maximum", "exclusiveMaximum", Number.POSITIVE_INFINITY);
  if (integer) {
    // Among whole numbers every bound can be written as one that belongs to the set.
    const inner = (bound: Bound, rounded: number, step: 1 | -1): Bound => {
      if (!bound.open || rounded !== bound.at) return { at: rounded, open: false };
      return Number.isSafeInteger(rounded + step) ? { at: rounded + step, open: false } : bound;
    };
    Object.assign(min, inner(min, Math.ceil(min.at), 1));
    Object.assign(max, inner(max, Math.floor(max.at), -1));
  }
  const empty = min.at > max.at || (min.at === max.at && (min.open || max.open));
  return empty ? null : { kind: "number", integer, min, max, steps };
}

function objectForm(schema: { readonly [keyword: string]: unknown }, pointer: string): ObjectForm | null {
  const properties = new Map<string, Place>();
  for (const [name, property] of Object.entries((schema["properties"] as Record<string, Schema> | undefined) ?? {})) {
    properties.set(name, { schema: property, pointer: `${pointer}/properties/${escaped(name)}` });
  }
  const form: ObjectForm = {
    kind: "object",
    properties,
    required: (schema["required"] as string[] | undefined) ?? [],
    // What a pattern names is not held to `additionalProperties`.
    others: {
      schema: "patternProperties" in schema ? true : ((schema["additionalProperties"] as Schema | undefined) ?? true),
      pointer: `${pointer}/additionalProperties`,
    },
  };
  const impossible = form.required.some((name) => acceptsNothing(propertyOf(form, name)));
  return impossible ? null : form;
}

/** What a form says about a property, named or not. */
export function propertyOf(form: ObjectForm, name: string): Place {
  return form.properties.get(name) ?? form.others;
}

/** A name as a step of a JSON pointer (RFC 6901). */
function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
