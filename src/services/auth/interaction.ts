/** The interaction that the provider is in with a browser: between its question "who is it?" and our answer. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Settings } from "../../settings.ts";
import { asSeenFromOutside, type ProviderHost } from "./provider-host.ts";

export type InteractionDeps = { settings: Settings; provider: ProviderHost };
export type LoginRequest = FastifyRequest<{ Params: { uid: string } }>;

/**
 * Goes on with the interaction as this person.
 * @param amr how they showed who they are (RFC 8176)
 * @param ts when, in seconds since 1970; now, unless said
 */
export async function welcome(
  parts: InteractionDeps,
  request: LoginRequest,
  reply: FastifyReply,
  userId: string,
  amr: string[],
  ts?: number,
) {
  const returnTo = await (await parts.provider.current()).interactionResult(
    asSeenFromOutside(request.raw, parts.settings),
    reply.raw,
    { login: { accountId: userId, amr, ...(ts !== undefined && { ts }) } },
    { mergeWithLastSubmission: false },
  );
  return reply.code(303).header("location", returnTo).send("");
}

/** Goes on with the interaction of somebody who is signed in. */
export async function agree(parts: InteractionDeps, request: LoginRequest, reply: FastifyReply) {
  const returnTo = await (await parts.provider.current()).interactionResult(
    asSeenFromOutside(request.raw, parts.settings),
    reply.raw,
    { consent: {} },
    { mergeWithLastSubmission: true },
  );
  return reply.code(303).header("location", returnTo).send("");
}

/** Leads back to the application without anything. */
export async function disagree(parts: InteractionDeps, request: LoginRequest, reply: FastifyReply) {
  const returnTo = await (await parts.provider.current()).interactionResult(
    asSeenFromOutside(request.raw, parts.settings),
    reply.raw,
    { error: "access_denied", error_description: "the person does not allow it" },
    { mergeWithLastSubmission: false },
  );
  return reply.code(303).header("location", returnTo).send("");
}

/** The interaction that this browser began at this address; its cookie is bound to both. */
export async function interactionOf(
  { provider, settings }: InteractionDeps,
  request: LoginRequest,
  reply: FastifyReply,
) {
  try {
    const interaction = await (await provider.current()).interactionDetails(
      asSeenFromOutside(request.raw, settings),
      reply.raw,
    );
    return interaction.uid === request.params.uid ? interaction : undefined;
  } catch (error) {
    if (error instanceof Error && error.name === "SessionNotFound") return undefined;
    throw error;
  }
}
