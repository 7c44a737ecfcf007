/** Errors as problem+json (RFC 9457): the only place that knows which status belongs to which kind of refusal. */
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import { isTransient } from "../database.ts";
import { Refusal, type RefusalKind } from "../refusal.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";

/** The status that each kind of refusal is answered with. */
export const statusOf: Record<RefusalKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  "not-found": 404,
  "wrong-method": 405,
  conflict: 409,
  "too-large": 413,
  "too-many": 429,
  unavailable: 503,
};

/** What is told of a defect: nothing but this. */
const defect = {
  kind: "internal",
  code: "internal-error",
  text: "Something went wrong on our side. It was noted.",
};

/** Fastify's own errors, in our words. */
const known: Record<string, { kind: RefusalKind; code: string; text: string }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { kind: "too-large", code: "body-too-large", text: "The request's body is too large." },
  FST_ERR_CTP_INVALID_JSON_BODY: { kind: "invalid", code: "not-json", text: "The request's body is not valid JSON." },
  FST_ERR_CTP_EMPTY_JSON_BODY: { kind: "invalid", code: "not-json", text: "The request's body is empty." },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    kind: "invalid",
    code: "not-json",
    text: "The request's body has to be application/json.",
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    kind: "invalid",
    code: "body-cut-off",
    text: "The request's body is not as long as its Content-Length says.",
  },
};

/** Turns whatever was thrown into a refusal; undefined for a defect, of which nothing is told outside. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (isTransient(error)) {
    return new Refusal(
      "unavailable",
      "database-unavailable",
      "The database does not answer. It is not known whether the request took effect: repeat it with the same Idempotency-Key.",
      { retryAfterSeconds: 1, cause: error },
    );
  }
  if (error instanceof Error && "code" in error) {
    const own = known[String(error.code)];
    if (own) return new Refusal(own.kind, own.code, own.text);
  }
  if (error instanceof Error && "validation" in error && Array.isArray(error.validation)) {
    const where = "validationContext" in error ? String(error.validationContext) : "request";
    const fields = (error.validation as { instancePath?: string; message?: string }[]).slice(0, 20).map((problem) => ({
      path: `${where}${problem.instancePath ?? ""}`,
      message: problem.message ?? "is not valid",
    }));
    return new Refusal("invalid", "invalid-request", "The request is not as the API describes it.", { fields });
  }
  if (error instanceof Error && "statusCode" in error && Number(error.statusCode) < 500) {
    return new Refusal("invalid", "bad-request", "The request cannot be understood.");
  }
  return undefined;
}

/** A cursor is data of ours that somebody may have changed: what PostgreSQL cannot read in it is their mistake. */
function badCursor(error: unknown, request: FastifyRequest): Refusal | undefined {
  const paged = typeof request.query === "object" && request.query !== null && "cursor" in request.query;
  if (!paged || !(error instanceof Error && "code" in error && /^22...$/.test(String(error.code)))) return undefined;
  return new Refusal("invalid", "bad-cursor", "The cursor is not one that this list has given out.", { cause: error });
}

/** Fastify's error handler. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = refusalOf(error) ?? badCursor(error, request);
  if (refusal === undefined || refusal.code === "database-unavailable") {
    request.log.error({ err: error }, "request failed");
  }
  const status = refusal ? statusOf[refusal.kind] : 500;
  if (refusal?.retryAfterSeconds !== undefined) reply.header("retry-after", refusal.retryAfterSeconds);
  if (status === 401) reply.header("www-authenticate", "Bearer");
  return reply
    .status(status)
    .type("application/problem+json")
    .send(
      JSON.stringify({
        type: `/docs/errors#${refusal?.code ?? defect.code}`,
        title: refusal?.message ?? defect.text,
        status,
        code: refusal?.code ?? defect.code,
        instance: request.id,
        ...(refusal && refusal.fields.length > 0 && { errors: refusal.fields }),
      }),
    );
}

/** What Node's HTTP parser gives up on, by its code. */
const broken: Record<string, { kind: RefusalKind; code: string; text: string }> = {
  HPE_HEADER_OVERFLOW: { kind: "too-large", code: "headers-too-large", text: "The request's headers are too large." },
  ERR_HTTP_REQUEST_TIMEOUT: { kind: "invalid", code: "request-too-slow", text: "The request took too long to arrive." },
};
const notHttp: (typeof broken)[string] = { kind: "invalid", code: "not-http", text: "This is not an HTTP request." };

/** What never becomes a request is answered on the bare connection, which then ends. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const { kind, code, text: title } = broken[error.code ?? ""] ?? notHttp;
  const status = statusOf[kind];
  const problem = JSON.stringify({ type: `/docs/errors#${code}`, title, status, code });
  const headers = {
    "content-type": "application/problem+json",
    ...SECURITY_HEADERS,
    connection: "close",
    "content-length": problem.length,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${problem}`);
}
