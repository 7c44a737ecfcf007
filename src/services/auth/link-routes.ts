/** The pages on which a password is set by a link, and on which a link is asked for: `/join/…`, `/reset/…`, `/reset`. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "../../platform/refusal.ts";
import type { JobTools } from "../../platform/service.ts";
import type { Settings } from "../../settings.ts";
import { invitedBy, join } from "./commands/invitations.ts";
import { resetPassword } from "./commands/passwords.ts";
import {
  forgotPage,
  type LinkNotice,
  linkGonePage,
  passwordPage,
  passwordSetPage,
  requestedPage,
} from "./link-pages.ts";
import { hashOfLink } from "./link-token.ts";
import { lookOf } from "./page-layout.ts";
import { pageScope, sendPage } from "./page-scope.ts";
import { findCandidate, noteRequest } from "./password-link-store.ts";
import { mayBeFromOurPage } from "./same-site.ts";

export type LinkDeps = { settings: Settings } & Pick<JobTools, "sql" | "transact">;

type LinkRequest = FastifyRequest<{ Params: { token: string } }>;
type Kind = "join" | "reset";

/** Registers the pages; opening one changes nothing, since mail programs open links by themselves. */
export async function mountLinks(server: FastifyInstance, deps: LinkDeps): Promise<void> {
  const hidden = { schema: { hide: true } };
  await pageScope(server, deps.settings, (scope) => {
    for (const kind of ["join", "reset"] as const) {
      scope.get(`/${kind}/:token`, hidden, (request, reply) => show(deps, kind, request as LinkRequest, reply, null));
      scope.post(`/${kind}/:token`, hidden, (request, reply) => submit(deps, kind, request as LinkRequest, reply));
    }
    scope.get("/reset", hidden, async (request, reply) =>
      sendPage(reply, 200, forgotPage(lookOf(deps.settings, request.headers))),
    );
    scope.post("/reset", hidden, async (request, reply) => {
      if (!mayBeFromOurPage(request.headers, deps.settings.publicUrl)) {
        return sendPage(reply, 400, forgotPage(lookOf(deps.settings, request.headers)));
      }
      const asked = fieldsOf(request).get("asked")?.trim().toLowerCase().slice(0, 254) ?? "";
      if (asked !== "" && !asked.includes("\0")) await noteRequest(deps.sql, asked.toWellFormed());
      return sendPage(reply, 200, requestedPage(lookOf(deps.settings, request.headers)));
    });
  });
}

async function show(deps: LinkDeps, kind: Kind, request: LinkRequest, reply: FastifyReply, notice: LinkNotice) {
  const { token } = request.params;
  const person = await (kind === "join" ? invitedBy(deps.sql, token) : findCandidate(deps.sql, hashOfLink(token)));
  const look = lookOf(deps.settings, request.headers);
  if (!person) return sendPage(reply, 404, linkGonePage(look));
  const { login, name } = person;
  const status = notice === null ? 200 : notice === "busy" ? 503 : notice === "taken" ? 409 : 400;
  if (status === 503) void reply.header("retry-after", 2);
  return sendPage(
    reply,
    status,
    passwordPage(look, { kind, action: `/${kind}/${encodeURIComponent(token)}`, login, name, notice }),
  );
}

async function submit(deps: LinkDeps, kind: Kind, request: LinkRequest, reply: FastifyReply) {
  const { token } = request.params;
  const look = lookOf(deps.settings, request.headers);
  if (!mayBeFromOurPage(request.headers, deps.settings.publicUrl)) return sendPage(reply, 400, linkGonePage(look));
  const fields = fieldsOf(request);
  const password = fields.get("password") ?? "";
  if (password !== fields.get("repeat")) return show(deps, kind, request, reply, "differ");
  try {
    const done = await (kind === "join" ? join : resetPassword)(deps, token, password);
    return await (done ? sendPage(reply, 200, passwordSetPage(look)) : sendPage(reply, 404, linkGonePage(look)));
  } catch (error) {
    const notice = error instanceof Refusal ? noticeOf(error.code) : null;
    if (notice === null) throw error;
    return show(deps, kind, request, reply, notice);
  }
}

function noticeOf(code: string): LinkNotice {
  if (code === "weak-password") return "weak";
  if (code === "login-taken") return "taken";
  return code === "busy" ? "busy" : null;
}

function fieldsOf(request: FastifyRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
}
