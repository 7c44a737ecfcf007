/** Requests are validated by the schemas that describe them; bodies as they are, texts of URLs converted and completed first. */
import type { FastifySchemaCompiler } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { Value } from "typebox/value";
import { closed } from "../contract.ts";

/** Fastify's validator compiler. Unknown fields are refused: a misspelt one must not be ignored. */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const strict = closed(schema);
  const validator = Compile(strict);
  const fromText = httpPart !== "body";
  return (data: unknown) => {
    // By the schema as it was written: the strict copy is plain JSON, by which TypeBox completes nothing.
    const value = fromText ? Value.Default(schema, readTexts(schema, data as object)) : data;
    // Fastify reads `validation` off an error; the texts are TypeBox's.
    if (!validator.Check(value)) return { error: validator.Errors(value).slice(0, 20) as never };
    const unstorable = pathOfUnstorable(value);
    if (unstorable === undefined) return { value };
    return { error: [{ instancePath: unstorable, message: "must not contain NUL or half a surrogate pair" }] as never };
  };
};

/** The texts of a URL as the schema's types. What is not exactly one of them stays a text, and is refused. */
function readTexts(schema: TSchema, data: object): Record<string, unknown> {
  const properties: Record<string, TSchema> = "properties" in schema ? (schema.properties as never) : {};
  // By its own names only: every object has a `constructor`.
  const schemaOf = (name: string) => (Object.hasOwn(properties, name) ? properties[name] : undefined);
  return Object.fromEntries(Object.entries(data).map(([name, text]) => [name, readText(schemaOf(name), text)]));
}

function readText(schema: TSchema | undefined, text: unknown): unknown {
  if (schema === undefined || typeof text !== "string") return text;
  // TypeBox's own conversion would read "1.5" as the integer 1, and "true" as well.
  switch ("type" in schema ? schema.type : undefined) {
    case "integer":
      return /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : text;
    case "number":
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case "boolean":
      return text === "true" || text === "false" ? text === "true" : text;
    default:
      return Value.Convert(schema, text);
  }
}

/** Where a text stands that PostgreSQL cannot store (in any field, so that no schema has to think of it). */
function pathOfUnstorable(value: unknown, path = ""): string | undefined {
  if (typeof value === "string") return value.includes("\0") || !value.isWellFormed() ? path : undefined;
  if (value === null || typeof value !== "object") return undefined;
  for (const [name, inner] of Object.entries(value)) {
    if (pathOfUnstorable(name) !== undefined) return path;
    const found = pathOfUnstorable(inner, `${path}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
