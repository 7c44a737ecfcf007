/** A JSON Schema in words, for people who read a table. */
type Node = { readonly [keyword: string]: unknown };

/** A field of an event: its name (nested ones with dots, items of lists with `[]`), what it holds, whether it may be left out. */
export type Field = { name: string; holds: string; required: boolean };

/** All fields of an object schema, nested ones behind their parent. */
export function fieldsOf(schema: object, prefix = ""): Field[] {
  const node = schema as Node;
  const required = (node["required"] as string[] | undefined) ?? [];
  return Object.entries((node["properties"] as Record<string, Node> | undefined) ?? {}).flatMap(([name, property]) => {
    const field = { name: `${prefix}${name}`, holds: inWords(property), required: required.includes(name) };
    const inner = property["type"] === "array" ? (property["items"] as Node | undefined) : property;
    const path = `${field.name}${property["type"] === "array" ? "[]" : ""}.`;
    return inner?.["type"] === "object" ? [field, ...fieldsOf(inner, path)] : [field];
  });
}

/** What a value of the schema is: `text, 1…500 characters`. */
export function inWords(node: Node): string {
  if (Array.isArray(node["anyOf"])) return (node["anyOf"] as Node[]).map(inWords).join(" or ");
  if (Array.isArray(node["enum"])) return (node["enum"] as unknown[]).map((word) => `\`${String(word)}\``).join(", ");
  if ("const" in node) return `\`${JSON.stringify(node["const"])}\``;
  switch (node["type"]) {
    case "null":
      return "null";
    case "boolean":
      return "true or false";
    case "integer":
    case "number":
      return `${node["type"] === "integer" ? "whole number" : "number"} ${range(node)}`.trimEnd();
    case "string":
      return text(node);
    case "array":
      return `list of ${node["items"] ? inWords(node["items"] as Node) : "anything"}${limits(node, "Items", "items")}`;
    case "object":
      return "object";
    default:
      return "anything";
  }
}

function text(node: Node): string {
  if (node["format"] !== undefined) return node["format"] as string;
  const pattern = node["pattern"] === undefined ? "" : ` matching \`${node["pattern"] as string}\``;
  return `text${pattern}${limits(node, "Length", "characters")}`;
}

function limits(node: Node, of: "Length" | "Items", unit: string): string {
  const [least, most] = [node[`min${of}`], node[`max${of}`]] as (number | undefined)[];
  if (least === undefined && most === undefined) return "";
  if (most === undefined) return `, at least ${least} ${unit}`;
  return least === undefined || least === 0 ? `, up to ${most} ${unit}` : `, ${least}…${most} ${unit}`;
}

function range(node: Node): string {
  const { minimum: least, maximum: most } = node as { minimum?: number; maximum?: number };
  // The bounds of what a JSON number can hold exactly say nothing to a reader.
  const from = least === undefined || least === Number.MIN_SAFE_INTEGER ? undefined : least;
  const to = most === undefined || most === Number.MAX_SAFE_INTEGER ? undefined : most;
  if (from !== undefined && to !== undefined) return `${from}…${to}`;
  return from === undefined ? (to === undefined ? "" : `≤ ${to}`) : `≥ ${from}`;
}
