/** Signing in by another provider of the company: there, back, and on with our own sign-in. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "../../platform/refusal.ts";
import { type InteractionDeps, interactionOf, type LoginRequest, welcome } from "./interaction.ts";
import type { OpenidPeer, Pending, SignedIn } from "./openid-peer.ts";
import { lookOf } from "./page-layout.ts";
import { pageScope, sendPage } from "./page-scope.ts";
import { loginPath } from "./provider.ts";
import type { Sealing } from "./sealing.ts";
import { cookieLine, cookieOf, noCookieLine } from "./web-session/cookies.ts";
import { notSignedInPage } from "./web-session/pages.ts";
import { realTime } from "./provider-time.ts";

export type ElsewhereDeps = InteractionDeps & {
  sealing: Sealing;
  peer: OpenidPeer;
  /** Who of us it is; null: nobody that may come in. */
  userOf: (signedIn: SignedIn) => Promise<string | null>;
};

export const ELSEWHERE_CALLBACK = "/login/elsewhere/callback";
const COOKIE = "__Host-popug-elsewhere";
const SECONDS = 900;
/** From the way back to the page that the interaction's cookie belongs to: one redirect. */
const DONE_SECONDS = 60;
const SEALED_FOR = Buffer.from("sign-in elsewhere");

/**
 * A sign-in there that is older, or of which nobody says when it was, counts as that old: too old for what needs a new one,
 * and our session, which lives from it, does not end as soon as it begins.
 */
const OLDEST_SECONDS = 3_600;

type Kept = { uid: string } & ({ pending: Pending } | { userId: string; signedInAt: number });
type Sealed = { until: number } & Kept;

/** Registers the three stations. */
export async function mountElsewhere(server: FastifyInstance, deps: ElsewhereDeps): Promise<void> {
  const hidden = { schema: { hide: true } };
  await pageScope(server, deps.settings, (scope) => {
    scope.get("/login/:uid/elsewhere", hidden, (request, reply) => leave(deps, request as LoginRequest, reply));
    scope.get(ELSEWHERE_CALLBACK, hidden, (request, reply) => comeBack(deps, request, reply));
    scope.get("/login/:uid/elsewhere/done", hidden, (request, reply) => goOn(deps, request as LoginRequest, reply));
  });
}

async function leave(deps: ElsewhereDeps, request: LoginRequest, reply: FastifyReply) {
  const interaction = await interactionOf(deps, request, reply);
  if (!interaction) return failed(deps, request, reply);
  try {
    const { address, pending } = await deps.peer.begin(
      `${deps.settings.publicUrl}${ELSEWHERE_CALLBACK}`,
      String(interaction.params["prompt"]).split(" ").includes("login") || interaction.params["max_age"] !== undefined,
    );
    return await keep(deps, reply, { uid: interaction.uid, pending }, SECONDS, address);
  } catch (error) {
    return failed(deps, request, reply, error);
  }
}

async function comeBack(deps: ElsewhereDeps, request: FastifyRequest, reply: FastifyReply) {
  const sealed = open(deps, request);
  void reply.header("set-cookie", noCookieLine(COOKIE));
  if (sealed === undefined || !("pending" in sealed)) return failed(deps, request, reply);
  try {
    const signedIn = await deps.peer.finish(new URL(request.url, deps.settings.publicUrl), sealed.pending);
    const userId = await deps.userOf(signedIn);
    if (userId === null) return await failed(deps, request, reply);
    return await keep(
      deps,
      reply,
      { uid: sealed.uid, userId, signedInAt: signedInAt(signedIn) },
      DONE_SECONDS,
      `${loginPath(sealed.uid)}/elsewhere/done`,
    );
  } catch (error) {
    return failed(deps, request, reply, error);
  }
}

async function goOn(deps: ElsewhereDeps, request: LoginRequest, reply: FastifyReply) {
  const sealed = open(deps, request);
  void reply.header("set-cookie", noCookieLine(COOKIE));
  const interaction = await interactionOf(deps, request, reply);
  if (!interaction || sealed === undefined || !("userId" in sealed) || sealed.uid !== interaction.uid) {
    return failed(deps, request, reply);
  }
  return welcome(deps, request, reply, sealed.userId, ["fed"], sealed.signedInAt);
}

/** Seconds since 1970. */
function signedInAt({ at }: SignedIn): number {
  const now = Math.floor(realTime() / 1_000);
  return Math.min(now, Math.max(Math.floor((at?.getTime() ?? 0) / 1_000), now - OLDEST_SECONDS));
}

function keep({ sealing }: ElsewhereDeps, reply: FastifyReply, what: Kept, seconds: number, next: string) {
  const sealed = sealing.seal({ ...what, until: realTime() + seconds * 1_000 }, SEALED_FOR).toString("base64url");
  return reply
    .code(303)
    .header("set-cookie", cookieLine(COOKIE, sealed, seconds))
    .header("location", next)
    .send("");
}

function open({ sealing }: ElsewhereDeps, request: FastifyRequest): Sealed | undefined {
  const cookie = cookieOf(request.headers, COOKIE);
  if (cookie === undefined || cookie.length > 4_000) return undefined;
  try {
    const sealed = sealing.open(Buffer.from(cookie, "base64url"), SEALED_FOR) as Sealed;
    return sealed.until > realTime() ? sealed : undefined;
  } catch {
    return undefined;
  }
}

async function failed(deps: ElsewhereDeps, request: FastifyRequest, reply: FastifyReply, error?: unknown) {
  if (error !== undefined && !(error instanceof Refusal)) throw error as Error;
  const later = error?.kind === "unavailable";
  return sendPage(reply, later ? 503 : 400, notSignedInPage(lookOf(deps.settings, request.headers), later));
}
