/** What pages that are made on the server need of it: form bodies, headers, their style. */
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Settings } from "../../settings.ts";
import { ownPath } from "./own-path.ts";
import { LINK_SCRIPT_PATH, linkScript, pageScript, style } from "./page-files.ts";
import { isLanguage, LANGUAGE_COOKIE } from "./page-layout.ts";
import { cookieLine } from "./web-session/cookies.ts";

/** Bodies of forms; a few short fields. */
const FORM_LIMIT_BYTES = 4_096;

/** Registers routes for pages; forms arrive as `URLSearchParams`. */
export async function pageScope(
  fastify: FastifyInstance,
  settings: Settings,
  routes: (scope: FastifyInstance) => void,
): Promise<void> {
  await fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string", bodyLimit: FORM_LIMIT_BYTES },
      (_request, body, done) => done(null, new URLSearchParams(String(body))),
    );
    // After the server's own headers: a form needs its page to be named in `Origin`.
    scope.addHook("onSend", async (_request, reply) => {
      for (const [name, value] of Object.entries(pageHeaders(settings))) {
        if (name !== "cache-control" || !reply.hasHeader(name)) void reply.header(name, value);
      }
    });
    routes(scope);
  });
}

const LANGUAGE_SECONDS = 365 * 86_400;

/** What pages share: their style, their scripts, and the choice of a language. */
export async function mountPageParts(fastify: FastifyInstance, settings: Settings): Promise<void> {
  const hidden = { schema: { hide: true } };
  await pageScope(fastify, settings, (scope) => {
    for (const [path, type, text] of [
      ["/login/style.css", "text/css", style],
      ["/login/page.js", "text/javascript", pageScript],
      [LINK_SCRIPT_PATH, "text/javascript", linkScript],
    ] as const) {
      scope.get(path, hidden, async (_request, reply) =>
        reply.type(`${type}; charset=utf-8`).header("cache-control", "public, max-age=3600").send(text),
      );
    }
    scope.get("/login/language/:language", hidden, async (request, reply) => {
      const { language } = request.params as { language: string };
      if (isLanguage(language)) {
        void reply.header("set-cookie", cookieLine(LANGUAGE_COOKIE, language, LANGUAGE_SECONDS));
      }
      return reply.code(303).header("location", pageBefore(request.headers.referer, settings)).send("");
    });
  });
}

/** The page of ours that somebody came from, in the form that can be opened; without one, the sign-in. */
function pageBefore(referer: string | undefined, { publicUrl }: Settings): string {
  if (referer?.startsWith(`${publicUrl}/`) !== true) return "/auth/login";
  const path = ownPath(referer.slice(publicUrl.length));
  // Answers to a form stand at the form's address, behind that of its page.
  return path.replace(/^(\/login\/[\w-]+|\/join|\/reset\/link)\/.*$/, "$1");
}

/** The headers of every page. */
export function pageHeaders(settings: Settings): Record<string, string> {
  // Browsers hold `form-action` against where a form's answer redirects to as well: applications that people sign in to.
  const applications = new Set(
    settings.relyingParties.flatMap((party) =>
      [...party.redirect_uris, ...(party.post_logout_redirect_uris ?? [])].map((uri) => new URL(uri).origin),
    ),
  );
  return {
    "content-security-policy":
      `default-src 'none'; style-src 'self'; font-src 'self'; script-src 'self'; img-src 'self'; ` +
      `form-action ${["'self'", ...applications].join(" ")}; frame-ancestors 'none'; base-uri 'none'`,
    "cache-control": "no-store",
    // Same origin, and not none: the form's `Origin` is what the post is judged by.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    ...(settings.publicUrl.startsWith("https:") && { "strict-transport-security": "max-age=31536000" }),
  };
}

/** Sends a page. */
export function sendPage(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply.code(status).type("text/html; charset=utf-8").send(html);
}
