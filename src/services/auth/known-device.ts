/**
 * Browsers in which somebody has signed in before have a count of their own (OWASP device cookies): guesses made
 * elsewhere delay everybody but the owner.
 */
import { randomBytes } from "node:crypto";
import type { Sealing } from "./sealing.ts";
import { realTime } from "./provider-time.ts";

export const DEVICE_COOKIE = "__Secure-popug-device";
const SECONDS = 180 * 86_400;
const SEALED_FOR = Buffer.from("known device");

type Device = { login: string; id: string; until: number };

/** The `Set-Cookie` line after a sign-in; sent to the sign-in pages only. */
export function deviceCookieLine(sealing: Sealing, login: string): string {
  const device: Device = { login, id: randomBytes(16).toString("base64url"), until: realTime() + SECONDS * 1_000 };
  const value = sealing.seal(device, SEALED_FOR).toString("base64url");
  return `${DEVICE_COOKIE}=${value}; Path=/login; HttpOnly; Secure; SameSite=Lax; Max-Age=${SECONDS}`;
}

/** The id of a device in which this login was used before; undefined for all others. */
export function knownDevice(sealing: Sealing, cookie: string | undefined, login: string): string | undefined {
  if (cookie === undefined || cookie.length > 1_000) return undefined;
  try {
    const device = sealing.open(Buffer.from(cookie, "base64url"), SEALED_FOR) as Device;
    return device.login === login && device.until > realTime() ? device.id : undefined;
  } catch {
    return undefined;
  }
}
