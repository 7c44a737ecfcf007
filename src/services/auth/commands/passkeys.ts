/** Somebody adds, names or removes a passkey of their own. */
import { generateRegistrationOptions, verifyRegistrationResponse } from "@simplewebauthn/server";
import { type Static, Type } from "typebox";
import { parse as bytesOfUuid, v7 as uuidv7 } from "uuid";
import { Nullable, Timestamp, Uuid } from "../../../platform/contract.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx, QueryCtx } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import {
  deletePasskey,
  insertPasskey,
  listCredentialIds,
  listPasskeys,
  type Passkey,
  renamePasskey,
  saveChallenge,
  takeChallenge,
} from "../passkey-store.ts";
import { recordAudit } from "../security-audit.ts";
import { Confirmation, confirmPassword } from "./passwords.ts";

const MAX_PASSKEYS = 20;
const Name = Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" });

/** What `beginPasskey` takes: the password, of whoever has one. */
export const BeginPasskey = Type.Object({ password: Type.Optional(Type.String({ maxLength: 128 })) });
/** What the browser's `navigator.credentials.create` is given, when the password was right. */
export const PasskeyBegun = Type.Object({
  ...Confirmation.properties,
  options: Nullable(
    Type.Record(Type.String(), Type.Unknown(), { description: "PublicKeyCredentialCreationOptionsJSON" }),
  ),
});

const Text = Type.String({ maxLength: 16_384 });
/** What `addPasskey` takes. */
export const NewPasskey = Type.Object({
  name: Name,
  response: Type.Object(
    {
      id: Text,
      rawId: Text,
      type: Type.Literal("public-key"),
      response: Type.Object({ clientDataJSON: Text, attestationObject: Text }, { additionalProperties: true }),
      clientExtensionResults: Type.Record(Type.String(), Type.Unknown()),
    },
    { additionalProperties: true, description: "RegistrationResponseJSON" },
  ),
});
export const PasskeyName = Type.Object({ name: Name });

/** A passkey as its owner sees it. */
export const PasskeyView = Type.Object({
  passkeyId: Uuid,
  name: Type.String(),
  backedUp: Type.Boolean(),
  createdAt: Timestamp,
  lastUsedOn: Nullable(Type.String({ description: "the day, in UTC; null: never" })),
});

const show = (passkey: Passkey): Static<typeof PasskeyView> => ({
  ...passkey,
  createdAt: passkey.createdAt.toISOString(),
});

/** Under which name and from which pages passkeys of this installation are used. */
export function relyingParty({ publicUrl }: Pick<Settings, "publicUrl">): { id: string; origin: string } {
  const { hostname, origin } = new URL(publicUrl);
  return { id: hostname, origin };
}

/** `beginPasskey`: a session left open is not enough to add a key, so whoever has a password gives it. @throws Refusal `passkey-needed` */
export async function beginPasskey(
  ctx: CommandCtx,
  { body }: { body: Static<typeof BeginPasskey> },
  settings: Pick<Settings, "publicUrl">,
): Promise<Static<typeof PasskeyBegun>> {
  const { userId, login, name, suspended } = ctx.actor;
  const known = await listCredentialIds(ctx.sql, userId);
  if (suspended && suspended.length > 0 && known.length > 0) {
    throw new Refusal(
      "forbidden",
      "passkey-needed",
      "Sign in with a passkey that you have before you add another one.",
    );
  }
  const confirmed = await confirmPassword(ctx.sql, ctx.actor, body.password ?? "");
  if (confirmed !== "none" && confirmed.outcome !== "done") return { ...confirmed, options: null };
  const options = await generateRegistrationOptions({
    rpName: "Popug",
    rpID: relyingParty(settings).id,
    userName: login,
    userDisplayName: name,
    userID: bytesOfUuid(userId),
    attestationType: "none",
    excludeCredentials: known,
    // Found by the authenticator itself, so that nobody has to type a login; with a finger or a PIN, so that a stolen
    // device is not enough.
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    supportedAlgorithmIDs: [-7, -8, -257],
  });
  await saveChallenge(ctx.sql, userId, options.challenge);
  return { outcome: "done", waitSeconds: 0, options: { ...options } };
}

/** `addPasskey`. @throws Refusal `bad-passkey`, `too-many-passkeys` */
export async function addPasskey(
  ctx: CommandCtx,
  { body }: { body: Static<typeof NewPasskey> },
  settings: Pick<Settings, "publicUrl">,
): Promise<Static<typeof PasskeyView>> {
  const { userId } = ctx.actor;
  const { id, origin } = relyingParty(settings);
  const verified = await verifyRegistrationResponse({
    response: body.response,
    expectedChallenge: (challenge) => takeChallenge(ctx.sql, userId, challenge),
    expectedOrigin: origin,
    expectedRPID: id,
    requireUserVerification: true,
  }).catch(() => undefined);
  if (!verified?.verified) {
    throw new Refusal("invalid", "bad-passkey", "This passkey was not made for this page and this moment; try again.");
  }
  const { credential, credentialBackedUp } = verified.registrationInfo;
  const stored = await insertPasskey(
    ctx.sql,
    {
      credentialId: credential.id,
      passkeyId: uuidv7(),
      userId,
      publicKey: Buffer.from(credential.publicKey),
      counter: credential.counter,
      transports: credential.transports ?? [],
      name: body.name.trim(),
      backedUp: credentialBackedUp,
    },
    MAX_PASSKEYS,
  );
  if (!stored) {
    throw new Refusal("conflict", "too-many-passkeys", "This passkey is known already, or you have too many of them.");
  }
  await recordAudit(ctx.sql, "passkey.added", `user:${userId}`, userId, { passkeyId: stored.passkeyId });
  return show(stored);
}

/** `listMyPasskeys`. */
export async function listMyPasskeys(ctx: QueryCtx) {
  return { items: (await listPasskeys(ctx.sql, ctx.actor.userId)).map(show) };
}

type WhichPasskey = { params: { passkeyId: string } };

/** `renameMyPasskey`. @throws Refusal `unknown-passkey` */
export async function renameMyPasskey(ctx: CommandCtx, request: WhichPasskey & { body: Static<typeof PasskeyName> }) {
  const { userId } = ctx.actor;
  const { passkeyId } = request.params;
  const renamed = await renamePasskey(ctx.sql, userId, passkeyId, request.body.name.trim());
  if (!renamed) throw new Refusal("not-found", "unknown-passkey", "You have no such passkey.");
  await recordAudit(ctx.sql, "passkey.renamed", `user:${userId}`, userId, { passkeyId });
  return show(renamed);
}

/** `removeMyPasskey`. @throws Refusal `unknown-passkey` */
export async function removeMyPasskey(ctx: CommandCtx, { params: { passkeyId } }: WhichPasskey) {
  const { userId } = ctx.actor;
  if (!(await deletePasskey(ctx.sql, userId, passkeyId))) {
    throw new Refusal("not-found", "unknown-passkey", "You have no such passkey.");
  }
  await recordAudit(ctx.sql, "passkey.removed", `user:${userId}`, userId, { passkeyId });
  return { removed: true };
}
