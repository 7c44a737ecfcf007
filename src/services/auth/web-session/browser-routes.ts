/** How a browser gets a session and ends it: `/auth/login`, `/auth/callback`, `/auth/logout`; and a page that says who one is. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "../../../platform/refusal.ts";
import type { Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import type { OpenidPeer, Pending, SignedIn } from "../openid-peer.ts";
import { ownPath } from "../own-path.ts";
import { lookOf } from "../page-layout.ts";
import { pageScope, sendPage } from "../page-scope.ts";
import { LOGOUT_TOKEN_PATH } from "../provider.ts";
import type { Sealing } from "../sealing.ts";
import { findUser } from "../user-store.ts";
import { cookieLine, cookieOf, noCookieLine, SESSION_COOKIE, SIGN_IN_COOKIE } from "./cookies.ts";
import { isFromOurOrigin } from "./cross-site.ts";
import { homePage, notSignedInPage } from "./pages.ts";
import type { WebSessions } from "./sessions.ts";
import { realTime } from "../provider-time.ts";

export type BrowserDeps = {
  settings: Settings;
  sql: Sql;
  sealing: Sealing;
  peer: OpenidPeer;
  sessions: WebSessions;
  /** Who signed in, among our users; null: nobody that may come in. */
  userOf: (signedIn: SignedIn) => Promise<string | null>;
  /** Takes a logout token; false when it is no good. */
  onLogoutToken: (token: string) => Promise<boolean>;
  /** True: signing out has to go by the provider's own page, which is somewhere else. */
  providerElsewhere: boolean;
};

/** From the click on "sign in" to the way back. */
const SIGN_IN_SECONDS = 900;
const SEALED_FOR = Buffer.from("web sign-in");

type OnTheWay = { pending: Pending; returnTo: string; until: number };

/** Registers them. */
export async function mountBrowserSessions(fastify: FastifyInstance, deps: BrowserDeps): Promise<void> {
  const hidden = { schema: { hide: true } };
  await pageScope(fastify, deps.settings, (scope) => {
    scope.get("/auth/", hidden, (request, reply) => home(deps, request, reply));
    scope.get("/auth/login", hidden, (request, reply) => begin(deps, request, reply));
    scope.get("/auth/callback", hidden, (request, reply) => finish(deps, request, reply));
    scope.post("/auth/logout", hidden, (request, reply) => end(deps, request, reply));
    scope.post(LOGOUT_TOKEN_PATH, hidden, async (request, reply) => {
      const token = request.body instanceof URLSearchParams ? request.body.get("logout_token") : null;
      void reply.header("cache-control", "no-store");
      if (token !== null && (await deps.onLogoutToken(token))) return reply.send({});
      return reply.code(400).send({ error: "invalid_request" });
    });
  });
}

async function home(deps: BrowserDeps, request: FastifyRequest, reply: FastifyReply) {
  const session = await deps.sessions.find(request.headers);
  const user = session && (await findUser(deps.sql, session.userId));
  return sendPage(reply, 200, homePage(lookOf(deps.settings, request.headers), user));
}

async function begin(deps: BrowserDeps, request: FastifyRequest, reply: FastifyReply) {
  const { return_to: wanted, again } = request.query as { return_to?: unknown; again?: unknown };
  try {
    const { address, pending } = await deps.peer.begin(callbackOf(deps), again === "1");
    const onTheWay: OnTheWay = {
      pending,
      returnTo: ownPath(wanted),
      until: realTime() + SIGN_IN_SECONDS * 1_000,
    };
    const sealed = deps.sealing.seal(onTheWay, SEALED_FOR).toString("base64url");
    return await reply
      .code(303)
      .header("set-cookie", cookieLine(SIGN_IN_COOKIE, sealed, SIGN_IN_SECONDS))
      .header("location", address)
      .send("");
  } catch (error) {
    return notSignedIn(deps, request, reply, error);
  }
}

async function finish(deps: BrowserDeps, request: FastifyRequest, reply: FastifyReply) {
  const onTheWay = readOnTheWay(deps, cookieOf(request.headers, SIGN_IN_COOKIE));
  void reply.header("set-cookie", noCookieLine(SIGN_IN_COOKIE));
  if (onTheWay === undefined) return notSignedIn(deps, request, reply);
  try {
    const answer = new URL(request.url, deps.settings.publicUrl);
    const signedIn = await deps.peer.finish(answer, onTheWay.pending);
    const userId = await deps.userOf(signedIn);
    const cookie =
      userId === null ? undefined : await deps.sessions.begin(userId, signedIn, request.headers["user-agent"] ?? "");
    if (cookie === undefined) return await notSignedIn(deps, request, reply);
    // Whatever session this browser had before is somebody's who is not there any more.
    await deps.sessions.end({ cookie: request.headers.cookie ?? "" }, { keepProviderSession: true });
    return await reply
      .code(303)
      .header("set-cookie", cookieLine(SESSION_COOKIE, cookie))
      .header("location", onTheWay.returnTo)
      .send("");
  } catch (error) {
    return notSignedIn(deps, request, reply, error);
  }
}

async function end(deps: BrowserDeps, request: FastifyRequest, reply: FastifyReply) {
  if (!isFromOurOrigin(request.headers, deps.settings.publicUrl)) {
    throw new Refusal("forbidden", "cross-site", "This request may come from a page of another site.");
  }
  const ended = await deps.sessions.end(request.headers);
  const backTo = `${deps.settings.publicUrl}/`;
  const elsewhere =
    deps.providerElsewhere && ended ? await deps.peer.endAddress(ended.idToken, backTo).catch(() => null) : null;
  const redirectTo = elsewhere ?? "/";
  void reply.header("set-cookie", noCookieLine(SESSION_COOKIE));
  // The app goes there itself: a script cannot follow a redirect to a provider elsewhere.
  if (request.headers["x-popug"] !== undefined) return reply.send({ redirectTo });
  return reply.code(303).header("location", redirectTo).send("");
}

/** A page that says so, with a way to try again; what went wrong is no business of whoever sent the browser here. */
async function notSignedIn(deps: BrowserDeps, request: FastifyRequest, reply: FastifyReply, error?: unknown) {
  if (error !== undefined && !(error instanceof Refusal)) throw error as Error;
  const later = error instanceof Refusal && error.kind === "unavailable";
  if (later) void reply.header("retry-after", error.retryAfterSeconds ?? 5);
  return sendPage(reply, later ? 503 : 400, notSignedInPage(lookOf(deps.settings, request.headers), later));
}

function readOnTheWay({ sealing }: BrowserDeps, cookie: string | undefined): OnTheWay | undefined {
  if (cookie === undefined || cookie.length > 4_000) return undefined;
  try {
    const found = sealing.open(Buffer.from(cookie, "base64url"), SEALED_FOR) as OnTheWay;
    return found.until > realTime() ? found : undefined;
  } catch {
    return undefined;
  }
}

const callbackOf = ({ settings }: BrowserDeps) => `${settings.publicUrl}/auth/callback`;
