/** `/setup`: the page of the first run. The secret of the link stands behind the #, which no server and no log sees. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "../../platform/refusal.ts";
import type { JobTools } from "../../platform/service.ts";
import type { Settings } from "../../settings.ts";
import { lookOf } from "./page-layout.ts";
import { pageScope, sendPage } from "./page-scope.ts";
import { mayBeFromOurPage } from "./same-site.ts";
import { setUp } from "./setup.ts";
import { setupDonePage, setupGonePage, type SetupNotice, setupPage } from "./setup-pages.ts";
import { hasNobody } from "./user-store.ts";

type SetupDeps = { settings: Settings } & Pick<JobTools, "sql" | "transact">;

const statusOf = { differ: 400, weak: 400, invalid: 400, busy: 503 } as const;
const noticeOf: Readonly<Record<string, SetupNotice>> = {
  "weak-password": "weak",
  "invalid-request": "invalid",
  busy: "busy",
};

/** Registers the page. */
export async function mountSetup(server: FastifyInstance, deps: SetupDeps): Promise<void> {
  const hidden = { schema: { hide: true } };
  await pageScope(server, deps.settings, (scope) => {
    scope.get("/setup", hidden, async (request, reply) => {
      const empty = await hasNobody(deps.sql);
      const look = lookOf(deps.settings, request.headers);
      if (!empty) return sendPage(reply, 404, setupGonePage(look));
      return sendPage(reply, 200, setupPage(look, { token: "", login: "", name: "", email: "" }, null));
    });
    scope.post("/setup", hidden, (request, reply) => submit(deps, request, reply));
  });
}

async function submit(deps: SetupDeps, request: FastifyRequest, reply: FastifyReply) {
  const look = lookOf(deps.settings, request.headers);
  if (!mayBeFromOurPage(request.headers, deps.settings.publicUrl)) return sendPage(reply, 400, setupGonePage(look));
  const fields = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
  const text = (name: string) => (fields.get(name) ?? "").trim();
  const filled = { token: text("token"), login: text("login").toLowerCase(), name: text("name"), email: text("email") };
  const password = fields.get("password") ?? "";
  const again = (notice: Exclude<SetupNotice, null>) => {
    if (notice === "busy") void reply.header("retry-after", 2);
    return sendPage(reply, statusOf[notice], setupPage(look, filled, notice));
  };
  if (password !== fields.get("repeat")) return again("differ");
  const { token, ...person } = filled;
  try {
    const user = await setUp(deps, token, { ...person, password, language: look.language });
    return user ? await sendPage(reply, 200, setupDonePage(look)) : await sendPage(reply, 404, setupGonePage(look));
  } catch (error) {
    const notice = error instanceof Refusal ? (noticeOf[error.code] ?? null) : null;
    if (notice === null) throw error;
    return again(notice);
  }
}
