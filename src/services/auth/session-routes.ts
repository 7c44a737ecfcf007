/** Where somebody is signed in, and ending that: for oneself, and for others by an admin. */
import { Type } from "typebox";
import { Timestamp, Uuid } from "../../platform/contract.ts";
import { command, query, type Route } from "../../platform/http/route.ts";
import { Refusal } from "../../platform/refusal.ts";
import type { CommandCtx, QueryCtx } from "../../platform/service.ts";
import { endAllAccess, endProviderSession } from "./access-ending.ts";
import { recordAudit } from "./security-audit.ts";
import { findUser } from "./user-store.ts";
import { deleteSessionOf, findSessionsOf, isFresh, type SessionRow } from "./web-session/session-store.ts";

const SessionView = Type.Object({
  sessionId: Uuid,
  device: Type.String({ description: "what the browser says it is" }),
  createdAt: Timestamp,
  lastSeenAt: Timestamp,
  expiresAt: Timestamp,
  current: Type.Boolean({ description: "the one that this request came with" }),
});
const Sessions = Type.Object({ items: Type.Array(SessionView) });
const Ended = Type.Object({ ended: Type.Boolean() });
const WhichUser = Type.Object({ userId: Uuid });

/** More than anybody has; the oldest of more are not shown. */
const MAX_SHOWN = 100;

export const sessionRoutes: readonly Route[] = [
  query({
    operationId: "listMySessions",
    method: "GET",
    path: "/my/sessions",
    policy: "self.settings",
    summary: "Browsers in which I am signed in, the one used last first.",
    response: Sessions,
    handle: async (ctx) => sessionsOf(ctx, ctx.actor.userId),
  }),
  command({
    operationId: "endMySession",
    command: "session.end",
    method: "DELETE",
    path: "/my/sessions/:sessionId",
    policy: "self.settings",
    summary: "Sign out one of my browsers; another one than this only minutes after a sign-in.",
    params: Type.Object({ sessionId: Uuid }),
    response: Ended,
    handle: async (ctx, { params }) => {
      await assertMayEnd(ctx, params.sessionId);
      return endSession(ctx, ctx.actor.userId, params.sessionId);
    },
  }),
  query({
    operationId: "listSessionsOfUser",
    method: "GET",
    path: "/users/:userId/sessions",
    policy: "people",
    summary: "Browsers in which somebody is signed in.",
    params: WhichUser,
    response: Sessions,
    handle: async (ctx, { params }) => {
      if (!(await findUser(ctx.sql, params.userId))) throw unknownUser();
      return sessionsOf(ctx, params.userId);
    },
  }),
  command({
    operationId: "endSessionOfUser",
    command: "session.end",
    method: "DELETE",
    path: "/users/:userId/sessions/:sessionId",
    policy: "people",
    summary: "Sign out one browser of somebody.",
    params: Type.Object({ userId: Uuid, sessionId: Uuid }),
    response: Ended,
    handle: async (ctx, { params }) => endSession(ctx, params.userId, params.sessionId),
  }),
  command({
    operationId: "endAllSessionsOfUser",
    command: "session.end",
    method: "DELETE",
    path: "/users/:userId/sessions",
    policy: "people",
    summary: "Sign somebody out everywhere.",
    params: WhichUser,
    response: Ended,
    handle: async (ctx, { params }) => {
      if (!(await findUser(ctx.sql, params.userId))) throw unknownUser();
      await endAllAccess(ctx.sql, params.userId);
      await recordAudit(ctx.sql, "session.ended", `user:${ctx.actor.userId}`, params.userId, { all: true });
      return { ended: true };
    },
  }),
];

async function sessionsOf(ctx: QueryCtx, userId: string) {
  const rows = await findSessionsOf(ctx.sql, userId, MAX_SHOWN);
  return { items: rows.map((row) => show(row, ctx.actor.sessionId)) };
}

function show({ sessionId, device, createdAt, lastSeenAt, expiresAt }: SessionRow, current: string | undefined) {
  return {
    sessionId,
    device,
    createdAt: createdAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    current: sessionId === current,
  };
}

/** A browser that was left open is no way to lock its owner out elsewhere. @throws Refusal `sign-in-again` */
async function assertMayEnd({ sql, actor }: CommandCtx, sessionId: string): Promise<void> {
  if (actor.atMachine === true || actor.sessionId === sessionId) return;
  if (actor.sessionId !== undefined && (await isFresh(sql, actor.sessionId))) return;
  throw new Refusal("forbidden", "sign-in-again", "Sign in once more first: you did so some minutes ago.");
}

/** Not theirs and not there are answered alike. */
async function endSession(ctx: CommandCtx, userId: string, sessionId: string) {
  const ended = await deleteSessionOf(ctx.sql, userId, sessionId);
  if (ended === undefined) throw new Refusal("not-found", "unknown-session", "There is no such session.");
  if (ended.sid !== null) await endProviderSession(ctx.sql, ended.sid);
  await recordAudit(ctx.sql, "session.ended", `user:${ctx.actor.userId}`, userId);
  return { ended: true };
}

const unknownUser = () => new Refusal("not-found", "unknown-user", "There is no such user.");
