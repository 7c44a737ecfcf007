/** Requests that are nearly right, or not at all, made from the description of the API. */
import fc from "fast-check";

/** What is used of the schemas in an OpenAPI document. */
export type Schema = {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
};

export type Operation = {
  operationId: string;
  method: string;
  path: string;
  params: { name: string; in: string; schema: Schema }[];
  body: Schema | undefined;
};

type Document = {
  paths: Record<
    string,
    Record<
      string,
      {
        operationId?: string;
        parameters?: { name: string; in: string; schema: Schema }[];
        requestBody?: { content: Record<string, { schema: Schema }> };
      }
    >
  >;
};

export function operationsOf(document: Document): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      operationId: operation.operationId ?? `${method} ${path}`,
      method: method.toUpperCase(),
      path,
      params: operation.parameters ?? [],
      body: operation.requestBody?.content["application/json"]?.schema,
    })),
  );
}

/** Texts that have broken somebody's program before. */
const nastyText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    " ",
    "\u0000",
    "a\u0000b",
    "\ud800",
    "\udfff\ud800",
    "\u202e",
    "\ufeff",
    "null",
    "NaN",
    "-0",
    "1e999",
    "__proto__",
    "constructor",
    "'; drop table task; --",
    "%00",
    "../../etc/passwd",
    "<script>",
    "=1+1",
    "[A-1] - ",
    "[] x",
    "[[[[",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999Z",
    "2026-02-30",
    "+275760-09-13T00:00:00.000Z",
    "-000001-01-01",
    "00000000-0000-0000-0000-000000000000",
    "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
    "infinity",
    "-infinity",
    "2026-W01",
  ),
  fc.integer({ min: 0, max: 14_000 }).map((n) => "x".repeat(n)),
);

const nasty: fc.Arbitrary<unknown> = fc.oneof(
  nastyText,
  fc.constantFrom(null, true, false, 0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, [], {}, [[]], [null], {
    a: { b: {} },
  }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Values that fit a schema, and now and then do not. `known` are ids that exist. */
function like(schema: Schema, known: readonly string[]): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...schema.enum) }, nasty);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => like(one, known)));
  const right: fc.Arbitrary<unknown> = (() => {
    switch (schema.type) {
      case "object": {
        const fields = Object.entries(schema.properties ?? {}).map(([name, one]) => [name, like(one, known)] as const);
        const shape = Object.fromEntries(fields);
        const needed = (schema.required ?? []).filter((name) => name in shape);
        return fc.oneof(
          { weight: 6, arbitrary: fc.record(shape, { requiredKeys: needed }) },
          { weight: 1, arbitrary: fc.record(shape, { requiredKeys: [] }) },
        );
      }
      case "array":
        return fc.array(like(schema.items ?? {}, known), { maxLength: 5 });
      case "integer":
      case "number":
        return fc.oneof(
          fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 100, 2 ** 31) }),
          fc.constantFrom(schema.minimum ?? 0, schema.maximum ?? 1),
        );
      case "boolean":
        return fc.boolean();
      case "null":
        return fc.constant(null);
      case "string":
        if (schema.format === "uuid" && known.length > 0)
          return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, fc.uuid());
        return schema.maxLength !== undefined && schema.maxLength < 20_000
          ? fc.oneof(
              nastyText,
              fc.string({ minLength: schema.minLength ?? 0, maxLength: Math.min(schema.maxLength, 50) }),
            )
          : nastyText;
      default:
        return nasty;
    }
  })();
  return fc.oneof({ weight: 14, arbitrary: right }, { weight: 1, arbitrary: nasty });
}

export type BadRequest = { path: string; headers: Record<string, string>; body: string | undefined };

const cursors = fc.oneof(
  nastyText,
  fc
    .array(
      fc.oneof(
        nastyText,
        fc.integer(),
        fc.constant(null),
        fc.uuid(),
        fc.date({ noInvalidDate: true }).map((d) => d.toISOString()),
      ),
      {
        maxLength: 8,
      },
    )
    .map((parts) => Buffer.from(JSON.stringify(parts)).toString("base64url")),
);

/** Texts that can stand in a URL, whatever they are. */
const inUrl = (value: unknown) => {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return encodeURIComponent((text ?? "").toWellFormed().slice(0, 3_000));
};

/** Requests for one operation. */
export function requestsFor(operation: Operation, known: readonly string[]): fc.Arbitrary<BadRequest> {
  const urlParams = operation.params.filter((param) => param.in === "path" || param.in === "query");
  const values = fc.tuple(
    ...urlParams.map(({ name, in: place, schema }) => {
      const value = name === "cursor" ? cursors : fc.oneof({ weight: 12, arbitrary: like(schema, known) }, nasty);
      return place === "path" ? value : fc.option(value, { nil: undefined });
    }),
  );
  const path = values.map((chosen) => {
    const query: string[] = [];
    let text = operation.path;
    urlParams.forEach(({ name, in: place }, i) => {
      if (place === "path") text = text.replace(`{${name}}`, inUrl(chosen[i]) || "%20");
      else if (chosen[i] !== undefined) query.push(`${name}=${inUrl(chosen[i])}`);
    });
    return query.length > 0 ? `${text}?${query.join("&")}` : text;
  });
  if (operation.method === "GET") return path.map((p) => ({ path: p, headers: {}, body: undefined }));
  const json = like(operation.body ?? {}, known).map((value) => JSON.stringify(value) ?? "null");
  const body = fc.oneof(
    { weight: 10, arbitrary: json },
    { weight: 1, arbitrary: fc.tuple(json, fc.nat(200)).map(([text, cut]) => text.slice(0, cut)) },
    { weight: 1, arbitrary: nastyText.map((text) => text.toWellFormed()) },
    { weight: 1, arbitrary: nasty.map((value) => JSON.stringify({ title: value, extra: value, __proto__: value })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "[".repeat(50_000),
        `{"a":`.repeat(5_000),
        `"${"x".repeat(200_000)}"`,
        '{"__proto__":{"a":1}}',
        '{"constructor":{"prototype":{}}}',
      ),
    },
  );
  const headers = fc.record(
    {
      "content-type": fc.constantFrom(
        "application/json",
        "text/plain",
        "application/json; charset=utf-16",
        "",
        "x/y/z",
      ),
      "idempotency-key": fc.oneof(
        fc.string({ unit: "grapheme-ascii", maxLength: 300 }).map((s) => s.trim()),
        fc.constantFrom("", "x".repeat(5_000), "é", "\t"),
      ),
      traceparent: fc.constantFrom("00-zz", "", "00-00000000000000000000000000000000-0000000000000000-00"),
    },
    { requiredKeys: [] },
  );
  return fc
    .tuple(path, headers, body)
    .map(([p, h, b]) => ({ path: p, headers: { "content-type": "application/json", ...h }, body: b }));
}
