/** Mounts the OpenID provider under `/oidc` and the sign-in pages under `/login`, with the headers that both need. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { Refusal } from "../../platform/refusal.ts";
import type { JobTools, Sql } from "../../platform/service.ts";
import type { Settings } from "../../settings.ts";
import { answerConsent, askConsent } from "./consent-routes.ts";
import { interactionOf, type LoginRequest, welcome } from "./interaction.ts";
import { DEVICE_COOKIE, deviceCookieLine } from "./known-device.ts";
import { lookOf } from "./page-layout.ts";
import { beSomebody, elsewhere, everybody } from "./other-ways-in.ts";
import { pageScope, sendPage } from "./page-scope.ts";
import { hasNobody } from "./user-store.ts";
import { expiredPage, loginPage, type Notice } from "./pages.ts";
import { loginPath } from "./provider.ts";
import type { ProviderHost } from "./provider-host.ts";
import { mayBeFromOurPage } from "./same-site.ts";
import type { Sealing } from "./sealing.ts";
import { PASSKEY_AMR, passkeyOptions, passkeyScript, signInWithPasskey } from "./passkey-sign-in.ts";
import { normalLogin, signIn } from "./sign-in.ts";
import { cookieOf } from "./web-session/cookies.ts";

export type LoginDeps = {
  settings: Settings;
  /** As auth's role. */
  sql: Sql;
  transact: JobTools["transact"];
  sealing: Sealing;
  provider: ProviderHost;
};

type Parts = LoginDeps;

/** Registers `/oidc/*` and `/login/*`. Needs nothing else from the server; its own body parsers stay inside. */
export async function mountProvider(fastify: FastifyInstance, parts: LoginDeps): Promise<void> {
  await fastify.register(async (scope) => {
    // The library reads bodies itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    scope.route({
      method: ["GET", "HEAD", "POST", "OPTIONS"],
      url: "/oidc/*",
      schema: { hide: true },
      handler: async (request, reply) => {
        reply.hijack();
        await parts.provider.handle(request.raw, reply.raw);
      },
    });
  });
  await pageScope(fastify, parts.settings, (scope) => {
    scope.get("/login/passkey.js", { schema: { hide: true } }, async (_request, reply) =>
      reply.type("text/javascript; charset=utf-8").header("cache-control", "public, max-age=3600").send(passkeyScript),
    );
    scope.post("/login/:uid/passkey", { schema: { hide: true } }, (request, reply) =>
      submitPasskey(parts, request as LoginRequest, reply),
    );
    scope.post("/login/:uid/as", { schema: { hide: true } }, (request, reply) =>
      submitChoice(parts, request as LoginRequest, reply),
    );
    scope.post("/login/:uid/consent", { schema: { hide: true } }, (request, reply) =>
      submitConsent(parts, request as LoginRequest, reply),
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
  if (!interaction) return sendPage(reply, 400, expiredPage(lookOf(parts.settings, request.headers)));
  if (interaction.prompt.name === "consent") return askConsent(parts, interaction, request, reply);
  const hint = interaction.params["login_hint"];
  const login = typeof hint === "string" ? hint.slice(0, 60) : "";
  const isSetUp = parts.settings.otherProvider?.instead === true || !(await hasNobody(parts.sql));
  return form(parts, request, reply, 200, login, isSetUp ? null : { kind: "nobody" });
}

async function submitLogin(parts: Parts, request: LoginRequest, reply: FastifyReply) {
  const { settings } = parts;
  const interaction = await interactionOf(parts, request, reply);
  if (!interaction || !mayBeFromOurPage(request.headers, settings.publicUrl)) {
    return sendPage(reply, 400, expiredPage(lookOf(parts.settings, request.headers)));
  }
  const fields = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
  const attempt = {
    login: (fields.get("login") ?? "").slice(0, 60),
    password: (fields.get("password") ?? "").slice(0, 129),
    ip: request.ip,
    deviceCookie: cookieOf(request.headers, DEVICE_COOKIE),
  };

  const answer = await signIn(parts, attempt).catch((error: unknown) => {
    if (error instanceof Refusal && error.kind === "unavailable") return { outcome: "busy" as const };
    throw error;
  });
  switch (answer.outcome) {
    case "welcome":
      void reply.header("set-cookie", deviceCookieLine(parts.sealing, normalLogin(attempt.login)));
      return welcome(parts, request, reply, answer.userId, ["pwd"]);
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

async function submitPasskey(parts: Parts, request: LoginRequest, reply: FastifyReply) {
  const interaction = await interactionOf(parts, request, reply);
  if (!interaction || !mayBeFromOurPage(request.headers, parts.settings.publicUrl)) {
    return sendPage(reply, 400, expiredPage(lookOf(parts.settings, request.headers)));
  }
  const fields = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
  const userId = await signInWithPasskey(parts, interaction.uid, fields.get("response") ?? "");
  if (userId === undefined) return form(parts, request, reply, 401, "", { kind: "passkey" });
  return welcome(parts, request, reply, userId, PASSKEY_AMR);
}

async function submitChoice(parts: Parts, request: LoginRequest, reply: FastifyReply) {
  const interaction = await interactionOf(parts, request, reply);
  if (!interaction || !mayBeFromOurPage(request.headers, parts.settings.publicUrl)) {
    return sendPage(reply, 400, expiredPage(lookOf(parts.settings, request.headers)));
  }
  const fields = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
  const userId = await beSomebody(parts, fields.get("as") ?? "");
  if (userId === undefined) return form(parts, request, reply, 401, "", { kind: "refused" });
  return welcome(parts, request, reply, userId, ["demo"]);
}

async function submitConsent(parts: Parts, request: LoginRequest, reply: FastifyReply) {
  const interaction = await interactionOf(parts, request, reply);
  const asked = interaction?.prompt.name === "consent";
  if (!asked || !mayBeFromOurPage(request.headers, parts.settings.publicUrl)) {
    return sendPage(reply, 400, expiredPage(lookOf(parts.settings, request.headers)));
  }
  const fields = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
  return answerConsent(parts, interaction, fields.get("answer"), request, reply);
}

async function form(
  parts: Parts,
  request: LoginRequest,
  reply: FastifyReply,
  status: number,
  login: string,
  notice: Notice | null,
) {
  const { uid } = request.params;
  const passkey = JSON.stringify(await passkeyOptions(parts, uid));
  const look = lookOf(parts.settings, request.headers);
  const action = loginPath(uid);
  const ways = { elsewhere: elsewhere(parts.settings, look, action), people: await everybody(parts, look, action) };
  return sendPage(reply, status, loginPage(look, { action, login, notice, passkey, ...ways }));
}
