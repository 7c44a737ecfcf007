/** `/docs/errors`, where the `type` of every refusal leads: what each code means, from the same source as `docs/errors.md`. */
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { statusOf } from "../platform/http/problem.ts";
import { escapeHtml, layout, type Look, lookOf } from "../services/auth/page-layout.ts";
import { pageScope, sendPage } from "../services/auth/page-scope.ts";
import type { Settings } from "../settings.ts";
import { byCode, findRefusals, type RefusalCode } from "./documents/refusals.ts";

const SOURCE = join(import.meta.dirname, "..");

const words = {
  en: {
    title: "Refusals of the API",
    about:
      "A request that was understood and whose answer is no is answered with problem+json (RFC 9457). The code is stable; texts may change.",
  },
  ru: {
    title: "Отказы API",
    about:
      "На понятый запрос, которому отказано, приходит problem+json (RFC 9457). Код не меняется; тексты могут измениться. Тексты отказов английские.",
  },
} as const;

/** The same for everybody, so nobody has to sign in for it. */
export async function addErrorsPage(server: FastifyInstance, settings: Settings): Promise<void> {
  let codes: readonly RefusalCode[] | undefined;
  await pageScope(server, settings, (scope) => {
    scope.get("/docs/errors", { schema: { hide: true } }, async (request, reply) => {
      // The source is read when somebody asks for the first time: a start does not wait for it.
      codes ??= byCode(await findRefusals(SOURCE));
      return sendPage(reply, 200, errorsHtml(lookOf(settings, request.headers), codes));
    });
  });
}

function errorsHtml(look: Look, codes: readonly RefusalCode[]): string {
  const say = words[look.language];
  // What is no refusal is a defect of ours.
  const status = (kind: string) => `${(statusOf as Record<string, number>)[kind] ?? 500} ${kind}`;
  const entry = ({
    code,
    kinds,
    texts,
  }: RefusalCode) => `<dt id="${code}"><a href="#${code}"><code>${code}</code></a></dt>
<dd>${kinds.map(status).join(", ")}</dd>
${texts.map((text) => `<dd lang="en">${escapeHtml(text)}</dd>`).join("\n")}`;
  return layout(look, say.title, `<p>${say.about}</p>\n<dl class="codes">\n${codes.map(entry).join("\n")}\n</dl>`, {
    wide: true,
  });
}
