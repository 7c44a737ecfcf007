/** Invented schemas of the subset that contracts use, small changes of them, and documents that they accept. */
import fc from "fast-check";

type Node = Record<string, unknown>;

const names = ["a", "b", "c"] as const;
const words = ["x", "y", "zz", ""] as const;
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const dropUndefined = (node: Node): Node => JSON.parse(JSON.stringify(node)) as Node;

const number = fc
  .record({
    type: fc.constantFrom("integer", "number"),
    minimum: optional(fc.integer({ min: -3, max: 3 })),
    maximum: optional(fc.constantFrom(0, 2, 2.5, 4, 300)),
    exclusiveMinimum: optional(fc.integer({ min: -3, max: 3 })),
    exclusiveMaximum: optional(fc.integer({ min: 0, max: 4 })),
    multipleOf: optional(fc.constantFrom(1, 2, 3, 6)),
  })
  .map(dropUndefined);
const text = fc
  .record({
    type: fc.constant("string"),
    minLength: optional(fc.integer({ min: 0, max: 3 })),
    maxLength: optional(fc.integer({ min: 1, max: 4 })),
    pattern: optional(fc.constantFrom("^[ab]+$", "^a*$", "^\\d{2}$")),
  })
  .map(dropUndefined);
const leaf: fc.Arbitrary<Node> = fc.oneof(
  number,
  text,
  fc.constant({ type: "string", format: "uuid" }),
  fc.constant({ type: "null" }),
  fc.constant({ type: "boolean" }),
  fc
    .uniqueArray(fc.constantFrom<unknown>(...words, 1, 2, null, true), { minLength: 1, maxLength: 4 })
    .map((list) => ({ enum: list })),
  fc.constantFrom(...words, 1, 2, null).map((value) => ({ const: value })),
  fc.constantFrom<Node>({}, { type: ["string", "null"] }, { type: ["integer", "boolean"] }),
);

/** Schemas up to three levels deep. */
export const schema: fc.Arbitrary<Node> = fc.letrec<{ node: Node; object: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    leaf,
    tie("object"),
    fc
      .record({
        type: fc.constant("array"),
        items: optional(tie("node")),
        minItems: optional(fc.integer({ min: 0, max: 2 })),
        maxItems: optional(fc.integer({ min: 0, max: 3 })),
        uniqueItems: optional(fc.boolean()),
      })
      .map(dropUndefined),
    fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
  ),
  object: fc
    .record({
      properties: fc.dictionary(fc.constantFrom(...names), tie("node"), { maxKeys: 3 }),
      required: fc.uniqueArray(fc.constantFrom(...names)),
      additionalProperties: fc.constantFrom<unknown>(undefined, undefined, undefined, true, false, { type: "string" }),
    })
    .map(({ properties, required, additionalProperties }) => {
      const known = required.filter((name) => name in properties);
      return dropUndefined({ type: "object", properties, required: known, additionalProperties });
    }),
})).node;

/** Two schemas: strangers, or the second is the first with a few keywords changed, as in real life. */
export const pair: fc.Arbitrary<readonly [Node, Node]> = fc.oneof(
  fc.tuple(schema, schema),
  fc
    .tuple(schema, fc.array(fc.tuple(fc.nat(40), fc.nat(8), schema), { minLength: 1, maxLength: 3 }))
    .map(([first, edits]) => {
      const second = dropUndefined(first);
      for (const [place, kind, other] of edits) edit(second, place, kind, dropUndefined(other));
      return [first, second] as const;
    }),
);

function edit(root: Node, place: number, kind: number, other: Node): void {
  const nodes: Node[] = [];
  const visit = (node: Node): void => {
    nodes.push(node);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(root);
  const node = nodes[place % nodes.length] as Node;
  const properties = node["properties"] as Record<string, Node> | undefined;
  const required = node["required"] as string[] | undefined;
  if (properties !== undefined && required !== undefined) {
    const name = names[kind % names.length] as string;
    if (kind < 3) properties[name] = other;
    else if (kind < 5 && name in properties && !required.includes(name)) required.push(name);
    else if (kind < 7) node["required"] = required.filter((one) => one !== name);
    else node["additionalProperties"] = false;
    return;
  }
  const keywords = Object.keys(node).filter((keyword) => keyword !== "type" && keyword !== "anyOf");
  const keyword = keywords[kind % Math.max(keywords.length, 1)];
  if (kind > 6) {
    const copy = { ...node };
    for (const name of Object.keys(node)) delete node[name];
    node["anyOf"] = [copy, other];
  } else if (keyword !== undefined && typeof node[keyword] === "number") {
    node[keyword] = Math.max(keyword === "multipleOf" ? 1 : 0, node[keyword] + (kind % 2 === 0 ? 1 : -1));
  } else if (keyword !== undefined && keyword !== "enum" && keyword !== "const") delete node[keyword];
  else if (node["type"] === "integer") node["type"] = "number";
  else if (Array.isArray(node["enum"]) && kind % 2 === 0) node["enum"] = [...node["enum"], "new"];
}

function childrenOf(node: Node): Node[] {
  return [
    ...Object.values((node["properties"] as Record<string, Node> | undefined) ?? {}),
    ...((node["anyOf"] as Node[] | undefined) ?? []),
    ...(typeof node["items"] === "object" ? [node["items"] as Node] : []),
  ];
}

/** Documents near the schema (below 1e21, where Ajv 8 misjudges `multipleOf`): most are accepted by it, the caller drops the others. */
export function documentOf(node: Node): fc.Arbitrary<unknown> {
  if (Array.isArray(node["anyOf"])) return fc.oneof(...(node["anyOf"] as Node[]).map(documentOf));
  if ("const" in node) return fc.constant(node["const"]);
  if (Array.isArray(node["enum"])) return fc.constantFrom(...(node["enum"] as unknown[]));
  const types = (Array.isArray(node["type"]) ? node["type"] : [node["type"]]) as (string | undefined)[];
  return fc.oneof(...types.map((type) => documentOfType(node, type)));
}

function documentOfType(node: Node, type: string | undefined): fc.Arbitrary<unknown> {
  if (type === "null") return fc.constant(null);
  if (type === "boolean") return fc.boolean();
  if (type === "integer") return fc.oneof(fc.integer({ min: -5, max: 8 }), fc.constantFrom(300, 301, 2 ** 53));
  if (type === "number")
    return fc.oneof(
      fc.integer({ min: -10, max: 20 }).map((n) => n / 2),
      fc.constantFrom(1e20, 0.1),
    );
  if (type === "string") {
    if (node["format"] === "uuid") return fc.uuid();
    // Look-ahead is beyond what fast-check can invent for; without it the texts are near enough.
    const pattern = ((node["pattern"] as string | undefined) ?? "^.{0,5}$").replaceAll(/\(\?=[^)]*\)/g, "");
    return fc.oneof(
      fc.string({ unit: fc.constantFrom("a", "b", "x", "0", "1", "é", "😀"), maxLength: 6 }),
      fc.stringMatching(new RegExp(pattern)),
    );
  }
  if (type === "array") return fc.array(documentOf((node["items"] as Node | undefined) ?? {}), { maxLength: 4 });
  if (type === "object") {
    const properties = (node["properties"] as Record<string, Node> | undefined) ?? {};
    const others = node["additionalProperties"];
    const known = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, documentOf(property)]),
    );
    const more =
      others === undefined || others === false
        ? fc.constant({})
        : fc.dictionary(fc.constantFrom(...names, "d"), fc.oneof(fc.string(), fc.integer()), { maxKeys: 2 });
    const required = node["required"] as never[] | undefined;
    return fc.tuple(fc.record(known, { requiredKeys: required ?? [] }), more).map(([a, b]) => ({ ...b, ...a }));
  }
  return fc.oneof(fc.constantFrom<unknown>(null, true, 1, 0.5, "a", "", [], {}, { a: 1 }, [1, 1]));
}
