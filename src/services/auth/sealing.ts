/** How the provider's things are stored: names as HMAC-SHA-256, contents sealed with AES-256-GCM and bound to their name. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import type { Secrets } from "./secrets.ts";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export type Sealing = {
  /** The stored form of a name; `kind` keeps names of different kinds apart. */
  name: (kind: string, id: string) => Buffer;
  /** Seals a value as JSON. `boundTo` is what `open` has to know again. */
  seal: (value: unknown, boundTo: Buffer) => Buffer;
  /** @throws Error when the text was changed, moved to another row, or sealed with another key */
  open: (sealed: Buffer, boundTo: Buffer) => unknown;
};

export function createSealing(secrets: Pick<Secrets, "nameKey" | "sealingKey">): Sealing {
  return {
    name: (kind, id) => createHmac("sha256", secrets.nameKey).update(`${kind}:${id}`).digest(),
    seal: (value, boundTo) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", secrets.sealingKey, nonce).setAAD(boundTo);
      const text = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]);
    },
    open: (sealed, boundTo) => {
      const nonce = sealed.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv("aes-256-gcm", secrets.sealingKey, nonce, { authTagLength: TAG_BYTES })
        .setAAD(boundTo)
        .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const text = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
      return JSON.parse(text.toString("utf8"));
    },
  };
}
