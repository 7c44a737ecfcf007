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
/** What only reads is asked of the next copy after this long: the first may be paused, or its machine gone. */
const READ_ELSEWHERE_AFTER_MS = 3_000;
/** So long a copy that did not answer is asked last. */
const PASSED_OVER_FOR_MS = 10_000;

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
        // A file is made before its first byte goes out: that takes long, and twice as long at two copies at once.
        const isSlow = "content" in route.response;
        const patienceMs = isSlow ? ANSWER_WITHIN_MS : READ_ELSEWHERE_AFTER_MS;
        scope.route({
          ...describeRoute(service.name, route),
          validatorCompiler: () => () => true,
          handler: async (request, reply) => {
            forward(request, reply, copies.inTurn(), await credentialsOf(request), patienceMs, copies.passOver);
            return reply;
          },
        });
      }
    }
  });
}

type Copies = {
  /** All copies, beginning with another one each time; those that were silent a moment ago come last. */
  inTurn: () => readonly string[];
  passOver: (url: string) => void;
};

function takingTurns(urls: readonly string[]): Copies {
  let turn = 0;
  const silentUntil = new Map<string, number>();
  return {
    inTurn: () => {
      turn = (turn + 1) % urls.length;
      const now = performance.now();
      const silent = (url: string) => Number((silentUntil.get(url) ?? 0) > now);
      return [...urls.slice(turn), ...urls.slice(0, turn)].toSorted((a, b) => silent(a) - silent(b));
    },
    passOver: (url) => silentUntil.set(url, performance.now() + PASSED_OVER_FOR_MS),
  };
}

function forward(
  request: FastifyRequest,
  reply: FastifyReply,
  [url = "", ...others]: readonly string[],
  credentials: string | undefined,
  patienceMs: number,
  passOver: Copies["passOver"],
): void {
  const onlyReads = request.method === "GET";
  const contentType = request.headers["content-type"];
  reply.from(undefined, {
    getUpstream: () => url,
    ...(onlyReads && others.length > 0 && { timeout: patienceMs }),
    ...(contentType !== undefined && Buffer.isBuffer(request.body) && { body: request.body, contentType }),
    rewriteRequestHeaders: (_request, { cookie: _, ...headers }) => ({
      ...headers,
      ...(credentials !== undefined && { authorization: credentials }),
      "x-forwarded-for": request.ip,
    }),
    onError: (_reply, { error }) => {
      passOver(url);
      if (others.length > 0 && (onlyReads || neverGotThere(error))) {
        return forward(request, reply, others, credentials, patienceMs, passOver);
      }
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

function neverGotThere({ cause }: Error): boolean {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return ["ECONNREFUSED", "UND_ERR_CONNECT_TIMEOUT", "ENOTFOUND"].includes(code);
}
