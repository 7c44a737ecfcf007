/** The pages on which a password is set by a link, and on which a link is asked for: `/join`, `/reset/link`, `/reset`. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "../../platform/refusal.ts";
import type { JobTools } from "../../platform/service.ts";
import type { Settings } from "../../settings.ts";
import { invitedBy, join } from "./commands/invitations.ts";
import { resetPassword } from "./commands/passwords.ts";
import {
  forgotPage,
  type LinkKind,
  type LinkNotice,
  linkGonePage,
  linkLatePage,
  openLinkPage,
  passwordPage,
  passwordSetPage,
  requestedPage,
} from "./link-pages.ts";
import { hashOfLink, linkPaths } from "./link-token.ts";
import { lookOf } from "./page-layout.ts";
import { pageScope, sendPage } from "./page-scope.ts";
import { findCandidate, findLate, noteRequest } from "./password-link-store.ts";
import { mayBeFromOurPage } from "./same-site.ts";

export type LinkDeps = { settings: Settings } & Pick<JobTools, "sql" | "transact">;

/** Behind a page of its own, so that the next link that is opened in a window is a new page to it. */
const passwordPath = (kind: LinkKind) => `${linkPaths[kind]}/password`;
/** Where somebody whose mail was too late gets another one. */
const ANEW_PATH = `${linkPaths.reset}/new`;

/** Registers the pages; opening one changes nothing, since mail programs open links by themselves. */
export async function mountLinks(server: FastifyInstance, deps: LinkDeps): Promise<void> {
  const hidden = { schema: { hide: true } };
  const lookFor = (request: FastifyRequest) => lookOf(deps.settings, request.headers);
  const isOurs = (request: FastifyRequest) => mayBeFromOurPage(request.headers, deps.settings.publicUrl);
  await pageScope(server, deps.settings, (scope) => {
    for (const kind of ["join", "reset"] as const) {
      scope.get(linkPaths[kind], hidden, async (request, reply) =>
        sendPage(reply, 200, openLinkPage(lookFor(request), kind, passwordPath(kind))),
      );
      scope.post(passwordPath(kind), hidden, async (request, reply) => {
        if (!isOurs(request)) return sendPage(reply, 400, linkGonePage(lookFor(request)));
        // The secret alone comes from the page before; with a password, from the page that this shows.
        return fieldsOf(request).has("password")
          ? submit(deps, kind, request, reply)
          : show(deps, kind, request, reply, null);
      });
    }
    scope.post(ANEW_PATH, hidden, async (request, reply) => {
      const look = lookFor(request);
      if (!isOurs(request)) return sendPage(reply, 400, linkGonePage(look));
      const late = await findLate(deps.sql, hashOfLink(tokenOf(request)));
      if (late === undefined) return sendPage(reply, 404, linkGonePage(look));
      await noteRequest(deps.sql, late);
      return sendPage(reply, 200, requestedPage(look));
    });
    scope.get("/reset", hidden, async (request, reply) => sendPage(reply, 200, forgotPage(lookFor(request))));
    scope.post("/reset", hidden, async (request, reply) => {
      if (!isOurs(request)) return sendPage(reply, 400, forgotPage(lookFor(request)));
      const asked = fieldsOf(request).get("asked")?.trim().toLowerCase().slice(0, 254) ?? "";
      if (asked !== "" && !asked.includes("\0")) await noteRequest(deps.sql, asked.toWellFormed());
      return sendPage(reply, 200, requestedPage(lookFor(request)));
    });
  });
}

async function show(deps: LinkDeps, kind: LinkKind, request: FastifyRequest, reply: FastifyReply, notice: LinkNotice) {
  const token = tokenOf(request);
  const person = await (kind === "join" ? invitedBy(deps.sql, token) : findCandidate(deps.sql, hashOfLink(token)));
  const look = lookOf(deps.settings, request.headers);
  if (!person) {
    const late = kind === "reset" && (await findLate(deps.sql, hashOfLink(token))) !== undefined;
    return sendPage(reply, 404, late ? linkLatePage(look, ANEW_PATH, token) : linkGonePage(look));
  }
  const { login, name } = person;
  const status = notice === null ? 200 : notice === "busy" ? 503 : notice === "taken" ? 409 : 400;
  if (status === 503) void reply.header("retry-after", 2);
  return sendPage(reply, status, passwordPage(look, { kind, action: passwordPath(kind), token, login, name, notice }));
}

async function submit(deps: LinkDeps, kind: LinkKind, request: FastifyRequest, reply: FastifyReply) {
  const look = lookOf(deps.settings, request.headers);
  const fields = fieldsOf(request);
  const password = fields.get("password") ?? "";
  if (password !== fields.get("repeat")) return show(deps, kind, request, reply, "differ");
  try {
    const done = await (kind === "join" ? join : resetPassword)(deps, tokenOf(request), password);
    return await (done ? sendPage(reply, 200, passwordSetPage(look)) : sendPage(reply, 404, linkGonePage(look)));
  } catch (error) {
    const notice = error instanceof Refusal ? noticeOf(error.code) : null;
    if (notice === null) throw error;
    return show(deps, kind, request, reply, notice);
  }
}

/** The secret, also of somebody who has pasted the whole link. */
const tokenOf = (request: FastifyRequest) => (fieldsOf(request).get("token") ?? "").trim().replace(/^.*#/, "");

function noticeOf(code: string): LinkNotice {
  if (code === "weak-password") return "weak";
  if (code === "login-taken") return "taken";
  return code === "busy" ? "busy" : null;
}

function fieldsOf(request: FastifyRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
}
