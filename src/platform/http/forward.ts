/** Routes of services that run in other processes: a request goes on to one of their copies, and the answer comes back. */
import replyFrom from "@fastify/reply-from";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "../refusal.ts";
import type { Service } from "../service.ts";
import { describeRoute } from "./server.ts";

/** A copy that is not there is noticed at once where its machine is; else after this long. */
const CONNECT_WITHIN_MS = 2_000;
/** Longer than a statement may take. */
const ANSWER_WITHIN_MS = 40_000;

export type Elsewhere = { service: Service; urls: readonly string[] };

/**
 * Adds the routes of services that run elsewhere. Bodies are passed on as they came: whoever runs the service checks them.
 * @param credentialsOf what stands for the cookie of a request; undefined: it has none, or brings a token itself
 */
export async function forwardRoutes(
  server: FastifyInstance,
  services: readonly Elsewhere[],
  credentialsOf: (request: FastifyRequest) => Promise<string | undefined>,
): Promise<void> {
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    await scope.register(replyFrom, {
      undici: { connect: { timeout: CONNECT_WITHIN_MS }, headersTimeout: ANSWER_WITHIN_MS, bodyTimeout: 0 },
      disableRequestLogging: true,
    });
    for (const { service, urls } of services) {
      const copies = takingTurns(urls);
      for (const route of service.routes) {
        scope.route({
          ...describeRoute(service.name, route),
          validatorCompiler: () => () => true,
          handler: async (request, reply) => {
            forward(request, reply, copies(), await credentialsOf(request));
            return reply;
          },
        });
      }
    }
  });
}

/** All copies, beginning with another one each time. */
function takingTurns(urls: readonly string[]): () => readonly string[] {
  let turn = 0;
  return () => {
    turn = (turn + 1) % urls.length;
    return [...urls.slice(turn), ...urls.slice(0, turn)];
  };
}

function forward(
  request: FastifyRequest,
  reply: FastifyReply,
  [url = "", ...others]: readonly string[],
  credentials: string | undefined,
): void {
  const contentType = request.headers["content-type"];
  reply.from(undefined, {
    getUpstream: () => url,
    ...(contentType !== undefined && Buffer.isBuffer(request.body) && { body: request.body, contentType }),
    rewriteRequestHeaders: (_request, { cookie: _, ...headers }) => ({
      ...headers,
      ...(credentials !== undefined && { authorization: credentials }),
      "x-forwarded-for": request.ip,
    }),
    onError: (_reply, { error }) => {
      if (others.length > 0 && maySendAgain(request, error)) return forward(request, reply, others, credentials);
      void reply.send(
        new Refusal(
          "unavailable",
          "service-unavailable",
          "This part of Popug does not answer. It is not known whether the request took effect: repeat it with the same Idempotency-Key.",
          { retryAfterSeconds: 1, cause: error },
        ),
      );
    },
  });
}

/** What only reads, and what never got there. */
function maySendAgain(request: FastifyRequest, error: Error): boolean {
  const { cause } = error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return request.method === "GET" || ["ECONNREFUSED", "UND_ERR_CONNECT_TIMEOUT", "ENOTFOUND"].includes(code);
}
