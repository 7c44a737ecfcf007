/** Whom an application of others may know, and what it may do as them, is decided by each person, once. */
import type { FastifyReply } from "fastify";
import type Provider from "oidc-provider";
import type { JobTools, Sql } from "../../platform/service.ts";
import { consentPage, type Right, rights } from "./consent-page.ts";
import { addConsent } from "./consent-store.ts";
import { agree, disagree, type InteractionDeps, type LoginRequest } from "./interaction.ts";
import { lookOf } from "./page-layout.ts";
import { sendPage } from "./page-scope.ts";
import { askedAbout, nameOf } from "./relying-parties.ts";
import { recordAudit } from "./security-audit.ts";
import { findUser } from "./user-store.ts";

type Parts = InteractionDeps & { sql: Sql; transact: JobTools["transact"] };
type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>;

/** Shows the question; our own applications have the answer already. */
export async function askConsent(parts: Parts, interaction: Interaction, request: LoginRequest, reply: FastifyReply) {
  const party = askedAbout(parts.settings, interaction.params["client_id"]);
  if (party === undefined) return agree(parts, request, reply);
  const person = await findUser(parts.sql, interaction.session?.accountId ?? "");
  if (person === undefined) return disagree(parts, request, reply);
  const page = consentPage(lookOf(parts.settings, request.headers), {
    action: `/login/${interaction.uid}/consent`,
    application: nameOf(parts.settings, party.client_id),
    person,
    rights: rightsAsked(interaction),
    host: new URL(String(interaction.params["redirect_uri"])).host,
  });
  return sendPage(reply, 200, page);
}

/** Takes the answer; whatever is not a clear yes is a no. */
export async function answerConsent(
  parts: Parts,
  interaction: Interaction,
  answer: string | null,
  request: LoginRequest,
  reply: FastifyReply,
) {
  const party = askedAbout(parts.settings, interaction.params["client_id"]);
  const userId = interaction.session?.accountId;
  if (party === undefined || userId === undefined || answer !== "allow") return disagree(parts, request, reply);
  const scopes = rightsAsked(interaction);
  await parts.transact("consent.give", `user:${userId}`, async (ctx) => {
    await addConsent(ctx.sql, userId, party.client_id, scopes);
    const details = { clientId: party.client_id, scopes };
    await recordAudit(ctx.sql, "application.allowed", `user:${userId}`, userId, details);
  });
  return agree(parts, request, reply);
}

function rightsAsked(interaction: Interaction): Right[] {
  const { scope } = interaction.params;
  const asked = typeof scope === "string" ? scope.split(" ") : [];
  return rights.filter((right) => asked.includes(right));
}
