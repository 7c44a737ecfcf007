/** Requests are validated by the schemas that describe them; bodies as they are, texts of URLs converted first. */
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
    // Converted by the schema as it was written: the strict copy is plain JSON, which TypeBox does not convert by.
    const value = fromText ? Value.Default(strict, Value.Convert(schema, { ...(data as object) })) : data;
    if (validator.Check(value)) return { value };
    // Fastify reads `validation` off an error; the texts are TypeBox's.
    return { error: validator.Errors(value).slice(0, 20) as never };
  };
};
