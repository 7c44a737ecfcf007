/** What every operation of the OpenAPI document has in common: how it refuses, and the headers that it reads. */
import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import { type TSchema, Type } from "typebox";
import { closed } from "../contract.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Request headers that the route reads, by name; they are described, not validated. */
    reads?: Readonly<Record<string, TSchema>>;
  }
}

export const IDEMPOTENCY_KEY = {
  "idempotency-key": Type.Optional(
    Type.String({
      pattern: "^[!-~]{1,200}$",
      description: "Chosen by the caller, one per intention: a repeat with the same key takes effect once.",
    }),
  ),
};

export const LAST_EVENT_ID = {
  "last-event-id": Type.Optional(
    Type.String({ description: "`id` of the last message that arrived: the stream goes on behind it." }),
  ),
};

const problem = Type.Object({
  type: Type.String({ format: "uri-reference" }),
  title: Type.String({ description: "for people; may change" }),
  status: Type.Integer(),
  code: Type.String({ description: "for scripts; stable" }),
  instance: Type.String({ description: "id of the request, as in `x-request-id`" }),
  errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
});

/** Describes requests as they are judged: with the headers that a route reads, and bodies without fields of one's own. */
export const describeRequests: NonNullable<FastifyDynamicSwaggerOptions["transform"]> = ({ schema, url, route }) => {
  const reads = route.config?.reads;
  const body = schema?.body as TSchema | undefined;
  return {
    schema: { ...schema, ...(body && { body: closed(body) }), ...(reads && { headers: Type.Object(reads) }) },
    url,
  };
};

/** Adds the one shape of all refusals and defects to every operation. */
export const describeProblems: NonNullable<FastifyDynamicSwaggerOptions["transformObject"]> = (input) => {
  if (!("openapiObject" in input)) return input.swaggerObject;
  const document = input.openapiObject;
  const refused = {
    description: "Refused; `code` says why.",
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
  const failed = {
    ...refused,
    description: "Popug or its database failed; it is not known whether the request took effect.",
  };
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(path ?? {}) as { responses?: object }[]) {
      operation.responses = {
        ...operation.responses,
        "4XX": { $ref: "#/components/responses/Refused" },
        "5XX": { $ref: "#/components/responses/Failed" },
      };
    }
  }
  const components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: { ...problem } },
    responses: { Refused: refused, Failed: failed },
  };
  return { ...document, components } as typeof document;
};
