/** The HTTP face: routes as data become Fastify routes with policy, schemas, transaction and idempotency. */
import { createHash } from "node:crypto";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { Type } from "typebox";
import { v7 as uuidv7 } from "uuid";
import { Refusal } from "../refusal.ts";
import type { RunningService } from "../run-service.ts";
import type { Actor } from "../service.ts";
import { FileAnswer } from "./file.ts";
import { endConnectionsOnClose } from "./closing.ts";
import { describeRequests, describeProblems, IDEMPOTENCY_KEY } from "./description.ts";
import { idempotencyKey, onceByKey } from "./idempotency.ts";
import { refuseWithoutRoute } from "./no-route.ts";
import { answerBrokenRequest, refusalOf, sendProblem, statusOf } from "./problem.ts";
import { noteRefused } from "./refused-log.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";
import type { Request, Route } from "./route.ts";
import { sourceOf } from "./source.ts";
import { compileValidator } from "./validation.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The name of the policy that stands before the route. */
    policy?: string;
  }
}

/** Who comes with a request, and whether that is enough for the policy; throws a refusal when it is not. */
export type Authorize = (request: FastifyRequest, policy: string, service: RunningService) => Promise<Actor>;

export type ServerOptions = {
  log: Logger;
  authorize: Authorize;
  /** Requests per second and person (or address, where nobody is signed in). */
  ratePerSecond: number;
  version: string;
  /** Certificate chain and key in PEM; without it, plain http. */
  tls?: { cert: string; key: string } | null;
  /** Whose `X-Forwarded-For` is believed. */
  trustProxy?: readonly string[];
  /** People reach us by https only, here or at the proxy before us: browsers are told to remember that. */
  https?: boolean;
};

const BODY_LIMIT = 128 * 1024;
/** Whoever sends slowly, or reads slowly, holds a connection and memory: nobody for long. */
const HEADERS_WITHIN_MS = 15_000;
const REQUEST_WITHIN_MS = 60_000;
const SILENCE_WITHIN_MS = 120_000;
const HANDSHAKE_WITHIN_MS = 10_000;
/** How often connections are looked at for the first two. */
const LOOK_EVERY_MS = 5_000;

const slowness = { headersTimeout: HEADERS_WITHIN_MS, connectionsCheckingInterval: LOOK_EVERY_MS };

/** Makes the server, without routes yet. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const server = fastify({
    ...(options.tls
      ? {
          https: { ...options.tls, minVersion: "TLSv1.2" as const, handshakeTimeout: HANDSHAKE_WITHIN_MS, ...slowness },
        }
      : { http: slowness }),
    trustProxy: options.trustProxy && options.trustProxy.length > 0 ? [...options.trustProxy] : false,
    loggerInstance: quiet(options.log) as FastifyBaseLogger,
    genReqId: () => uuidv7(),
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_WITHIN_MS,
    connectionTimeout: SILENCE_WITHIN_MS,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 200 },
    // An address that cannot be decoded finds no route, so it comes past the error handler.
    frameworkErrors: (error, request, reply) => {
      void sendProblem(error, request, reply.headers(SECURITY_HEADERS));
    },
    clientErrorHandler: answerBrokenRequest,
  });
  if (options.https === true) {
    // On the raw answer, so that streams and the provider's pages have it, too.
    server.addHook("onRequest", async (_request, reply) => {
      reply.raw.setHeader("strict-transport-security", "max-age=31536000");
    });
  }
  server.setValidatorCompiler(compileValidator);
  const noteOne = noteRefused();
  server.setErrorHandler((error, request, reply) => {
    if (error instanceof Refusal && error.kind === "forbidden") {
      noteOne(request, error, error.userId ?? actors.get(request)?.userId);
    }
    return sendProblem(error, request, reply);
  });
  endConnectionsOnClose(server);
  server.addHook("onSend", async (request, reply) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      if (!reply.hasHeader(name)) reply.header(name, value);
    }
    // An answer that another process gave keeps its own: that one stands in the events.
    if (!reply.hasHeader("x-request-id")) reply.header("x-request-id", request.id);
  });
  await limitRates(server, options.ratePerSecond);
  refuseWithoutRoute(server);
  await server.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Popug",
        version: options.version,
        description:
          "Errors are problem+json (RFC 9457) with a stable `code`. Lists are paged by `cursor`. Commands take an `Idempotency-Key`: repeated with the same key, they take effect once. No text holds NUL or half a surrogate pair.",
      },
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } },
      security: [{ bearer: [] }],
      servers: [{ url: "/" }],
    },
    transform: describeRequests,
    transformObject: describeProblems,
  });
  return server;
}

/**
 * Before anything else is done for a request: its sender's requests are counted, by token or else by address; and by
 * address those that were refused for want of a good token, since whoever makes tokens up can make up many.
 */
async function limitRates(server: FastifyInstance, perSecond: number): Promise<void> {
  await server.register(rateLimit, { global: false, max: perSecond, timeWindow: 1_000 });
  const requests = server.createRateLimit({
    keyGenerator: ({ headers: { authorization, cookie }, ip, routeOptions }) => {
      // Elsewhere nobody looks whether what is brought is good, so that everybody would be somebody else.
      const brought = routeOptions.config?.policy !== undefined ? (authorization ?? cookie) : undefined;
      return brought ? createHash("sha256").update(brought).digest("base64url").slice(0, 22) : sourceOf(ip);
    },
  });
  const strangers = server.createRateLimit({ keyGenerator: ({ ip }) => `stranger ${sourceOf(ip)}` });
  server.addHook("onRequest", async (request) => {
    if (request.routeOptions.config?.rateLimit === false) return;
    for (const limit of [await strangers(request, { increment: false }), await requests(request)]) {
      if (limit.isAllowed || !limit.isExceeded) continue;
      throw new Refusal("too-many", "too-many-requests", "Too many requests; slow down a little.", {
        retryAfterSeconds: Math.max(1, limit.ttlInSeconds),
      });
    }
  });
  server.addHook("onResponse", async (request, reply) => {
    if (reply.statusCode === 401) await strangers(request);
  });
}

/** Adds the routes of a service below `/api`. */
export function addRoutes(server: FastifyInstance, running: RunningService, authorize: Authorize): void {
  for (const route of running.service.routes) addRoute(server, running, route, authorize);
}

/** Where a route is, and how it is described; the same in the process that runs its service and in one before it. */
export function describeRoute(service: string, route: Route) {
  return {
    method: route.method,
    url: `/api${route.path}`,
    ...(route.bodyLimit !== undefined && { bodyLimit: route.bodyLimit }),
    schema: {
      operationId: route.operationId,
      summary: route.summary,
      "x-policy": route.policy,
      tags: [service],
      ...(route.params && { params: route.params }),
      // Without a schema anything would pass, and a misspelt parameter must not be ignored.
      querystring: route.query ?? Type.Object({}),
      ...(route.body && { body: route.body }),
      response: { [route.status ?? 200]: route.response },
    },
    config: { policy: route.policy, ...(route.kind === "command" && { reads: IDEMPOTENCY_KEY }) },
  };
}

function addRoute(server: FastifyInstance, running: RunningService, route: Route, authorize: Authorize): void {
  server.route({
    ...describeRoute(running.service.name, route),
    // Authorized before the body is parsed: nobody makes us read what they may not send.
    onRequest: async (request: FastifyRequest) => {
      actors.set(request, await authorize(request, route.policy, running));
    },
    handler: async (request: FastifyRequest, reply: FastifyReply) => {
      const actor = actors.get(request);
      if (actor === undefined) throw new Error("a request came past its authorization");
      const input = { params: request.params, query: request.query, body: request.body } as Request;
      reply.status(route.status ?? 200);
      const answer =
        route.kind === "command"
          ? await runCommand(running, route, request, actor, input)
          : await runQuery(running, route, actor, input);
      return answer instanceof FileAnswer ? sendFile(reply, answer) : answer;
    },
  });
}

function sendFile(reply: FastifyReply, { filename, contentType, bytes }: FileAnswer): FastifyReply {
  return reply
    .headers({
      "content-type": contentType,
      "content-disposition": `attachment; filename="${filename.replaceAll(/[^\w.-]/g, "_")}"`,
    })
    .send(bytes);
}

/** Who stands behind a request, between its authorization and its handler. */
const actors = new WeakMap<FastifyRequest, Actor>();

async function runCommand(
  running: RunningService,
  route: Extract<Route, { kind: "command" }>,
  request: FastifyRequest,
  actor: Actor,
  input: Request,
): Promise<unknown> {
  const key = idempotencyKey(request);
  const span = beginSpan(running, route, request);
  const answer = await running
    .transact(
      {
        correlationId: request.id,
        actor: `user:${actor.userId}`,
        command: route.command,
        traceparent: span?.traceparent ?? traceparent(request),
      },
      (ctx) => {
        const commandCtx = { ...ctx, actor, correlationId: request.id };
        const work = () => route.handle(commandCtx, input);
        return onceByKey(commandCtx, key, route.operationId, input, work, route.holdsSecrets);
      },
    )
    .catch((error: unknown) => {
      const kind = refusalOf(error)?.kind;
      const status = kind === undefined ? 500 : statusOf[kind];
      span?.end(status < 500 ? undefined : error, { "http.response.status_code": status });
      throw error;
    });
  span?.end(undefined, { "http.response.status_code": route.status ?? 200 });
  running.wakeJobs();
  return answer;
}

const beginSpan = ({ tracing }: RunningService, route: Extract<Route, { kind: "command" }>, request: FastifyRequest) =>
  tracing?.command(`${route.method} /api${route.path}`, traceparent(request), {
    "http.request.method": route.method,
    "http.route": `/api${route.path}`,
    "popug.command": route.command,
    "popug.correlation_id": request.id,
  });

async function runQuery(
  running: RunningService,
  route: Extract<Route, { kind: "query" }>,
  actor: Actor,
  input: Request,
): Promise<unknown> {
  const { sql, tools, heads, logOf } = running;
  return route.handle({ sql, now: await tools.now(), actor, heads, logOf }, input);
}

function traceparent(request: FastifyRequest): string | null {
  const header = request.headers["traceparent"];
  return typeof header === "string" && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(header) ? header : null;
}

/** A line per request would drown what matters; failures are logged by the error handler. */
function quiet(log: Logger): Logger {
  return log.child({ part: "http" }, { level: log.level === "info" ? "warn" : log.level });
}
