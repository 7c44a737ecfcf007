/** Mounts the OpenID provider under `/oidc` and the sign-in pages under `/login`, with the headers that both need. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type Provider from "oidc-provider";
import type { Logger } from "pino";
import { Refusal } from "../../platform/refusal.ts";
import type { JobTools, Sql } from "../../platform/service.ts";
import type { Settings } from "../../settings.ts";
import { languageOf, type Look, style } from "./page-layout.ts";
import { expiredPage, loginPage, type Notice } from "./pages.ts";
import { createProvider, loginPath } from "./provider.ts";
import { createSealing, type Sealing } from "./sealing.ts";
import type { Secrets } from "./secrets.ts";
import { signIn } from "./sign-in.ts";
import { mayBeFromOurPage } from "./same-site.ts";

export type ProviderDeps = {
  settings: Settings;
  secrets: Secrets;
  /** As auth's role. */
  sql: Sql;
  transact: JobTools["transact"];
  logger: Pick<Logger, "warn" | "error">;
};

type Parts = ProviderDeps & { provider: Provider; sealing: Sealing };
type LoginRequest = FastifyRequest<{ Params: { uid: string } }>;

/** Bodies of the sign-in form; two short fields. */
const FORM_LIMIT_BYTES = 4_096;

/** Registers `/oidc/*` and `/login/*`. Needs nothing else from the server; its own body parsers stay inside. */
export async function mountProvider(fastify: FastifyInstance, deps: ProviderDeps): Promise<void> {
  const sealing = createSealing(deps.secrets);
  const provider = createProvider({ ...deps, sealing });
  provider.on("server_error", (_ctx, error) => deps.logger.error({ err: error }, "the OpenID provider failed"));
  const parts: Parts = { ...deps, provider, sealing };

  await fastify.register(async (scope) => {
    // The library reads bodies itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    const handle = provider.callback();
    const toProvider = async (request: FastifyRequest, reply: FastifyReply) => {
      reply.hijack();
      guard(reply.raw, deps.settings);
      await handle(asSeenFromOutside(request.raw, deps.settings), reply.raw);
    };
    scope.route({
      method: ["GET", "HEAD", "POST", "OPTIONS"],
      url: "/oidc/*",
      schema: { hide: true },
      handler: toProvider,
    });
  });

  await fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string", bodyLimit: FORM_LIMIT_BYTES },
      (_request, body, done) => done(null, new URLSearchParams(String(body))),
    );
    // After the server's own headers: a form needs its page to be named in `Origin`.
    scope.addHook("onSend", async (_request, reply) => {
      for (const [name, value] of Object.entries(guardHeaders(deps.settings))) {
        if (name !== "cache-control" || !reply.hasHeader(name)) void reply.header(name, value);
      }
    });
    scope.get("/login/style.css", { schema: { hide: true } }, async (_request, reply) =>
      reply.type("text/css; charset=utf-8").header("cache-control", "public, max-age=3600").send(style),
    );
    scope.get("/login/:uid", { schema: { hide: true } }, (request, reply) =>
      showLogin(parts, request as LoginRequest, reply),
    );
    scope.post("/login/:uid", { schema: { hide: true } }, (request, reply) =>
      submitLogin(parts, request as LoginRequest, reply),
    );
  });
}

async function showLogin(parts: Parts, request: LoginRequest, reply: FastifyReply) {
  const interaction = await interactionOf(parts, request, reply);
  if (!interaction) return page(reply, 400, expiredPage(lookOf(parts, request)));
  const hint = interaction.params["login_hint"];
  const login = typeof hint === "string" ? hint.slice(0, 60) : "";
  return form(parts, request, reply, 200, login, null);
}

async function submitLogin(parts: Parts, request: LoginRequest, reply: FastifyReply) {
  const { provider, settings } = parts;
  const interaction = await interactionOf(parts, request, reply);
  if (!interaction || !mayBeFromOurPage(request.headers, settings.publicUrl)) {
    return page(reply, 400, expiredPage(lookOf(parts, request)));
  }
  const fields = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
  const attempt = {
    login: (fields.get("login") ?? "").slice(0, 60),
    password: (fields.get("password") ?? "").slice(0, 129),
  };

  const answer = await signIn(parts, attempt).catch((error: unknown) => {
    if (error instanceof Refusal && error.kind === "unavailable") return { outcome: "busy" as const };
    throw error;
  });
  switch (answer.outcome) {
    case "welcome": {
      const returnTo = await provider.interactionResult(
        asSeenFromOutside(request.raw, settings),
        reply.raw,
        { login: { accountId: answer.userId, amr: ["pwd"] } },
        { mergeWithLastSubmission: false },
      );
      return reply.code(303).header("location", returnTo).send("");
    }
    case "refused":
      return form(parts, request, reply, 401, attempt.login, { kind: "refused" });
    case "wait":
      void reply.header("retry-after", answer.seconds);
      return form(parts, request, reply, 429, attempt.login, { kind: "wait", seconds: answer.seconds });
    case "busy":
      void reply.header("retry-after", 2);
      return form(parts, request, reply, 503, attempt.login, { kind: "busy" });
  }
}

/** The interaction that this browser began at this address; its cookie is bound to both. */
async function interactionOf({ provider, settings }: Parts, request: LoginRequest, reply: FastifyReply) {
  try {
    const interaction = await provider.interactionDetails(asSeenFromOutside(request.raw, settings), reply.raw);
    return interaction.uid === request.params.uid ? interaction : undefined;
  } catch (error) {
    if (error instanceof Error && error.name === "SessionNotFound") return undefined;
    throw error;
  }
}

function form(
  parts: Parts,
  request: LoginRequest,
  reply: FastifyReply,
  status: number,
  login: string,
  notice: Notice | null,
) {
  const html = loginPage(lookOf(parts, request), { action: loginPath(request.params.uid), login, notice });
  return page(reply, status, html);
}

function page(reply: FastifyReply, status: number, html: string) {
  return reply.code(status).type("text/html; charset=utf-8").send(html);
}

const lookOf = ({ settings }: Parts, request: FastifyRequest): Look => ({
  language: languageOf(request.headers),
  demo: settings.demo,
});

/**
 * The request as if it had come to our public address: addresses that the library writes (endpoints, redirects) and the
 * `Secure` of its cookies follow from the settings, never from what a client claims in `Host` or `X-Forwarded-*`.
 */
function asSeenFromOutside(request: IncomingMessage, settings: Settings): IncomingMessage {
  const outside = new URL(settings.publicUrl);
  request.headers.host = outside.host;
  request.headers["x-forwarded-host"] = outside.host;
  request.headers["x-forwarded-proto"] = outside.protocol.slice(0, -1);
  delete request.headers["x-forwarded-for"];
  // The library works below its mount path and finds that path by comparing the two.
  const whole = request.url ?? "/";
  if (whole.startsWith("/oidc/")) {
    Object.assign(request, { originalUrl: whole });
    request.url = whole.slice("/oidc".length);
  }
  return request;
}

function guardHeaders(settings: Settings): Record<string, string> {
  const secure = settings.publicUrl.startsWith("https:");
  return {
    "content-security-policy":
      "default-src 'none'; style-src 'self'; script-src 'none'; img-src 'self'; form-action 'self'; " +
      "frame-ancestors 'none'; base-uri 'none'",
    "cache-control": "no-store",
    // Same origin, and not none: the form's `Origin` is what the post is judged by.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    ...(secure && { "strict-transport-security": "max-age=31536000" }),
  };
}

function guard(response: ServerResponse, settings: Settings): void {
  for (const [name, value] of Object.entries(guardHeaders(settings))) response.setHeader(name, value);
}
