/** What operators see across services: events, dead letters, the clock, the stream of changes, health, the API's description. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { type TSchema, Type } from "typebox";
import type { Policy } from "../../people/policy.ts";
import { Nullable, OneOf, Timestamp } from "../../platform/contract.ts";
import { discard, requestRedrive, requestRedriveOfAll } from "../../platform/dead-letters.ts";
import { streamChanges } from "../../platform/http/changes.ts";
import { IDEMPOTENCY_KEY, LAST_EVENT_ID } from "../../platform/http/description.ts";
import { idempotencyKey, onceByKey } from "../../platform/http/idempotency.ts";
import { Page, pageParameters } from "../../platform/http/paging.ts";
import type { Authorize } from "../../platform/http/server.ts";
import { postgresLog } from "../../platform/log.ts";
import { Refusal } from "../../platform/refusal.ts";
import type { RunningService } from "../../platform/run-service.ts";
import type { Actor } from "../../platform/service.ts";
import { Catalogue, eventCatalogue } from "../documents/catalogue.ts";
import type { App } from "../start.ts";
import { clockOf, moveClock } from "./clock.ts";
import { DeadLetterView, findDeadLetters } from "./dead-letters.ts";
import { findEvents } from "./events.ts";
import { createFlow, Flow } from "./flow.ts";
import { findFlowEvents, findTrace, FlowEvent, Trace } from "./flow-events.ts";
import { health } from "./health.ts";
import { showChange } from "./show-change.ts";

/** Adds these routes; where people come in. */
export function addOperations(app: App, authorize: Authorize): void {
  const { server } = app;
  const first = [...app.services.values()][0] as RunningService;
  const actors = new WeakMap<FastifyRequest, Actor>();
  /** These routes belong to no service; the replica of any one that runs here knows the people. */
  const allow = (policy: Policy) => async (request: FastifyRequest) => {
    actors.set(request, await authorize(request, policy, first));
  };
  const actorOf = (request: FastifyRequest): Actor => {
    const actor = actors.get(request);
    if (actor === undefined) throw new Error("a request came past its authorization");
    return actor;
  };

  /** A route's guard and description, which name the same policy; `reads`: headers. */
  const guarded = (
    policy: Policy,
    operationId: string,
    summary: string,
    schema: object,
    reads?: Record<string, TSchema>,
  ) => ({
    onRequest: allow(policy),
    config: { policy, ...(reads && { reads }) },
    schema: { operationId, summary, tags: ["operations"], "x-policy": policy, ...schema },
  });

  server.get("/api/openapi.json", { schema: { hide: true } }, async (_request, reply) => reply.send(server.swagger()));

  server.get(
    "/api/catalogue",
    guarded("catalogue", "getEventCatalogue", "Events, who says and who hears them", { response: { 200: Catalogue } }),
    async () => eventCatalogue([...app.services.values()].map((running) => running.service)),
  );

  const eventQuery = Type.Object({
    ...pageParameters,
    source: Type.Optional(Type.String({ maxLength: 30 })),
    type: Type.Optional(Type.String({ maxLength: 60 })),
    partition: Type.Optional(Type.Integer({ minimum: 0, maximum: 15 })),
  });
  server.get(
    "/api/events",
    guarded("operations", "listEvents", "What was logged, newest first, as CloudEvents", {
      querystring: eventQuery,
      response: { 200: Page(Type.Record(Type.String(), Type.Unknown())) },
    }),
    async (request) => findEvents(app, request.query as Type.Static<typeof eventQuery>),
  );

  const flow = createFlow(app);
  server.get(
    "/api/flow",
    guarded("operations", "getFlow", "Rates, lags and outboxes of the event flow; reckoned once in five seconds", {
      response: { 200: Flow },
    }),
    async () => flow(),
  );
  const flowQuery = Type.Object({
    ...pageParameters,
    source: Type.Optional(Type.String({ maxLength: 30 })),
    type: Type.Optional(Type.String({ maxLength: 60 })),
    except: Type.Optional(Type.String({ maxLength: 500, description: "types to leave out, with commas" })),
    key: Type.Optional(Type.String({ maxLength: 100, description: "the id of a task or of a person, say" })),
    from: Type.Optional(Type.String({ format: "date-time", description: "logged at this instant or later" })),
    until: Type.Optional(Type.String({ format: "date-time", description: "logged before this instant" })),
  });
  server.get(
    "/api/flow/events",
    guarded("operations", "listFlowEvents", "What was logged, newest first, and who has heard it", {
      querystring: flowQuery,
      response: { 200: Page(FlowEvent) },
    }),
    async (request) => findFlowEvents(app, request.query as Type.Static<typeof flowQuery>),
  );
  const traceParams = Type.Object({ id: Type.String({ format: "uuid" }) });
  server.get(
    "/api/traces/:id",
    guarded("operations", "getTrace", "All events that go back to one command, by its id or that of any of them", {
      params: traceParams,
      response: { 200: Trace },
    }),
    async (request) => findTrace(app, (request.params as Type.Static<typeof traceParams>).id),
  );

  const letterQuery = Type.Object({
    ...pageParameters,
    service: Type.Optional(Type.String({ maxLength: 30 })),
    status: Type.Optional(OneOf(["dead", "deferred", "parked", "redriven", "discarded"])),
  });
  server.get(
    "/api/dead-letters",
    guarded("operations", "listDeadLetters", "Events that could not be applied, oldest first", {
      querystring: letterQuery,
      response: { 200: Page(DeadLetterView) },
    }),
    async (request) => findDeadLetters(app.services, request.query as Type.Static<typeof letterQuery>),
  );

  const letterParams = Type.Object({
    service: Type.String({ maxLength: 30 }),
    letterId: Type.String({ format: "uuid" }),
  });
  const redriveBody = Type.Object({ data: Type.Optional(Type.Record(Type.String(), Type.Unknown())) });
  server.post(
    "/api/dead-letters/:service/:letterId/redrive",
    guarded(
      "operations",
      "redriveDeadLetter",
      "Try it again, if wanted with mended data; what is parked behind it follows",
      { params: letterParams, body: redriveBody, response: { 202: Type.Object({ requested: Type.Boolean() }) } },
      IDEMPOTENCY_KEY,
    ),
    async (request, reply) => {
      const { service, letterId } = request.params as Type.Static<typeof letterParams>;
      const { data } = request.body as Type.Static<typeof redriveBody>;
      const running = runningService(app, service);
      const actor = actorOf(request);
      const key = idempotencyKey(request);
      const answer = await running.tools.transact("dead-letter.redrive", `user:${actor.userId}`, ({ sql }) =>
        onceByKey({ sql, actor }, key, "redriveDeadLetter", [letterId, data], async () => {
          await requestRedrive(sql, letterId, actor.userId, data);
          return { requested: true };
        }),
      );
      for (const name of app.services.keys()) running.wakeFor(name);
      return reply.status(202).send(answer);
    },
  );

  const groupParams = Type.Object({ service: Type.String({ maxLength: 30 }) });
  const groupBody = Type.Object({ consumer: Type.Optional(Type.String({ maxLength: 60 })) });
  server.post(
    "/api/dead-letters/:service/redrive",
    guarded(
      "operations",
      "redriveDeadLetters",
      "Try all of a service again, or of one of its consumers, each in its place; answers how many",
      {
        params: groupParams,
        body: groupBody,
        response: { 202: Type.Object({ requested: Type.Integer({ minimum: 0 }) }) },
      },
      IDEMPOTENCY_KEY,
    ),
    async (request, reply) => {
      const { service } = request.params as Type.Static<typeof groupParams>;
      const { consumer } = request.body as Type.Static<typeof groupBody>;
      const running = runningService(app, service);
      const actor = actorOf(request);
      const key = idempotencyKey(request);
      const answer = await running.tools.transact("dead-letter.redrive", `user:${actor.userId}`, ({ sql }) =>
        onceByKey({ sql, actor }, key, "redriveDeadLetters", [service, consumer], async () => ({
          requested: await requestRedriveOfAll(sql, consumer),
        })),
      );
      for (const name of app.services.keys()) running.wakeFor(name);
      return reply.status(202).send(answer);
    },
  );

  const discardBody = Type.Object({ reason: Type.String({ minLength: 3, maxLength: 500 }) });
  server.post(
    "/api/dead-letters/:service/:letterId/discard",
    guarded(
      "operations",
      "discardDeadLetter",
      "Give it up, with a reason; about money, a second person has to confirm",
      { params: letterParams, body: discardBody, response: { 200: Type.Object({ discarded: Type.Boolean() }) } },
      IDEMPOTENCY_KEY,
    ),
    async (request) => {
      const { service, letterId } = request.params as Type.Static<typeof letterParams>;
      const { reason } = request.body as Type.Static<typeof discardBody>;
      const running = runningService(app, service);
      const actor = actorOf(request);
      const key = idempotencyKey(request);
      const aboutMoney = (name: string) =>
        running.service.consumers.some((c) => c.name === name && c.aboutMoney === true);
      const answer = await running.tools.transact("dead-letter.discard", `user:${actor.userId}`, ({ sql }) =>
        onceByKey({ sql, actor }, key, "discardDeadLetter", [letterId, reason], async () => ({
          discarded: await discard(sql, letterId, actor.userId, reason, aboutMoney),
        })),
      );
      for (const name of app.services.keys()) running.wakeFor(name);
      running.wakeJobs();
      return answer;
    },
  );

  const Clock = Type.Object({ now: Timestamp, demo: Type.Boolean() });
  server.get("/api/clock", guarded("self.view", "getClock", "Business time", { response: { 200: Clock } }), async () =>
    clockOf(app),
  );
  const moveBody = Type.Object({
    to: Nullable(Timestamp),
    bySeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 400 * 86_400 })),
  });
  server.post(
    "/api/clock",
    guarded(
      "operations",
      "moveClock",
      "Moves business time forward; in a demo only",
      { body: moveBody, response: { 200: Clock } },
      IDEMPOTENCY_KEY,
    ),
    async (request) =>
      moveClock(app, actorOf(request), idempotencyKey(request), request.body as Type.Static<typeof moveBody>),
  );

  server.get(
    "/api/changes",
    guarded(
      "tasks.use",
      "streamChanges",
      "Changes as server-sent events; Last-Event-ID resumes without loss",
      {
        response: { 200: { description: "The stream.", content: { "text/event-stream": { schema: Type.String() } } } },
      },
      LAST_EVENT_ID,
    ),
    async (request: FastifyRequest, reply: FastifyReply) => {
      const actor = actorOf(request);
      await streamChanges(request, reply, {
        readers: new Map([...app.services.keys()].map((source) => [source, postgresLog(app.readerOf(source), source)])),
        userId: actor.userId,
        allowed: () =>
          authorize(request, "tasks.use", first).then(
            // The roles may have changed since the stream began.
            (now) => (event) => showChange(event, now),
            (error: unknown) => {
              if (error instanceof Refusal) return null;
              throw error;
            },
          ),
        bell: app.bell,
        closing: app.closing,
      });
    },
  );
}

/** Whether the process lives and does its work; for whoever watches over it, in every process. */
export function addHealth(app: App): void {
  const { server } = app;
  const hidden = { schema: { hide: true } as object, config: { rateLimit: false } };
  server.get("/livez", hidden, async () => ({ ok: true }));
  server.get("/readyz", hidden, async (_request, reply) => {
    const state = await health(app);
    return reply.status(state.ok ? 200 : 503).send(state);
  });
}

function runningService(app: App, name: string): RunningService {
  const running = app.services.get(name);
  if (running === undefined)
    throw new Refusal("not-found", "no-such-service", "There is no service of this name here.");
  return running;
}
