/** Signing in with a passkey: the login page carries what has to be signed, a form brings the answer back. */
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  verifyAuthenticationResponse,
} from "@simplewebauthn/server";
import type { Sql } from "../../platform/service.ts";
import type { Settings } from "../../settings.ts";
import { relyingParty } from "./commands/passkeys.ts";
import { findPasskey, notePasskeyUse } from "./passkey-store.ts";
import type { Sealing } from "./sealing.ts";
import { recordAudit } from "./security-audit.ts";

type Parts = { sql: Sql; sealing: Pick<Sealing, "name">; settings: Pick<Settings, "publicUrl"> };

/** How the sign-in by passkey is told in tokens (RFC 8176): a key, and a second factor that the authenticator checked. */
export const PASSKEY_AMR = ["pop", "mfa"];

/**
 * What has to be signed to sign in at this interaction. It follows from the interaction, which lives ten minutes in one
 * browser, and from a key of ours: nothing has to be stored, and nobody else can say what it is.
 */
function challengeOf({ sealing }: Parts, uid: string): string {
  return sealing.name("passkey challenge", uid).toString("base64url");
}

/** `PublicKeyCredentialRequestOptionsJSON` for the login page. */
export async function passkeyOptions(parts: Parts, uid: string) {
  const options = await generateAuthenticationOptions({
    rpID: relyingParty(parts.settings).id,
    challenge: Buffer.from(challengeOf(parts, uid), "base64url"),
    userVerification: "required",
  });
  return options;
}

/** Whose passkey signed; undefined when it is none that lets somebody in. @param text the browser's answer as JSON */
export async function signInWithPasskey(parts: Parts, uid: string, text: string): Promise<string | undefined> {
  const response = responseOf(text);
  const known = response && (await findPasskey(parts.sql, response.id));
  if (!response || !known) {
    await recordAudit(parts.sql, "sign-in.failed", "system:sign-in", null, { method: "passkey" });
    return undefined;
  }
  const { id, origin } = relyingParty(parts.settings);
  const verified = await verifyAuthenticationResponse({
    response,
    expectedChallenge: challengeOf(parts, uid),
    expectedOrigin: origin,
    expectedRPID: id,
    // The counter is compared below, in the statement that writes it.
    credential: {
      id: response.id,
      publicKey: new Uint8Array(known.publicKey),
      counter: 0,
      transports: known.transports,
    },
    requireUserVerification: true,
  }).catch(() => undefined);
  if (!verified?.verified || !known.active) {
    await recordAudit(parts.sql, "sign-in.failed", "system:sign-in", known.userId, { method: "passkey" });
    return undefined;
  }
  const { newCounter } = verified.authenticationInfo;
  const counts = newCounter > 0 || known.counter > 0;
  const isNew = !counts || newCounter > known.counter;
  if (!isNew || !(await notePasskeyUse(parts.sql, response.id, known.counter, newCounter))) {
    await recordAudit(parts.sql, "passkey.cloned", "system:sign-in", known.userId, { passkeyId: known.passkeyId });
    return undefined;
  }
  const { userId, passkeyId } = known;
  await recordAudit(parts.sql, "sign-in.succeeded", `user:${userId}`, userId, { method: "passkey", passkeyId });
  return userId;
}

/** Only its shape is judged here. */
function responseOf(text: string): AuthenticationResponseJSON | undefined {
  try {
    const said = JSON.parse(text) as Partial<AuthenticationResponseJSON> | null;
    if (typeof said?.id !== "string" || said.id.length > 1_400 || said.id.includes("\0")) return undefined;
    return typeof said.response === "object" && said.response !== null
      ? (said as AuthenticationResponseJSON)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The script of the login page. Without it, and without JavaScript, passwords work as ever. */
export const passkeyScript = `
const form = document.getElementById("passkey");
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
if (form && window.PublicKeyCredential) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const options = JSON.parse(form.dataset.options);
    try {
      const credential = await navigator.credentials.get({
        publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: [] },
      });
      const { response } = credential;
      form.elements.response.value = JSON.stringify({
        id: credential.id,
        rawId: text(credential.rawId),
        type: credential.type,
        clientExtensionResults: {},
        response: {
          authenticatorData: text(response.authenticatorData),
          clientDataJSON: text(response.clientDataJSON),
          signature: text(response.signature),
          ...(response.userHandle && { userHandle: text(response.userHandle) }),
        },
      });
      form.submit();
    } catch {
      // Cancelled, or no passkey here: the page stays as it is.
    }
  });
}
`;
