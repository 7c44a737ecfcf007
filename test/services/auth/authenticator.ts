/** An authenticator in software: ES256, resident keys, no attestation; what it says can be bent for tests. */
import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";

const b64 = (bytes: Buffer) => bytes.toString("base64url");
const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest();

/** CBOR (RFC 8949), as far as it is needed here. */
function cbor(value: number | string | Buffer | Map<unknown, unknown>): Buffer {
  const head = (major: number, n: number) =>
    n < 24
      ? Buffer.from([(major << 5) | n])
      : n < 256
        ? Buffer.from([(major << 5) | 24, n])
        : Buffer.from([(major << 5) | 25, n >> 8, n & 255]);
  if (typeof value === "number") return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  const pairs = [...value].flatMap(([key, item]) => [cbor(key as never), cbor(item as never)]);
  return Buffer.concat([head(5, value.size), ...pairs]);
}

export type Bend = {
  origin?: string;
  rpId?: string;
  type?: string;
  challenge?: string;
  userVerified?: boolean;
  userPresent?: boolean;
  counter?: number;
  key?: KeyObject;
};

export class Authenticator {
  readonly id = randomBytes(32);
  readonly #keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  readonly #origin: string;
  counter = 0;

  constructor(origin: string) {
    this.#origin = origin;
  }

  #client(type: string, challenge: string, bend: Bend): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: bend.type ?? type,
        challenge: bend.challenge ?? challenge,
        origin: bend.origin ?? this.#origin,
        crossOrigin: false,
      }),
    );
  }

  #data(bend: Bend, attested = false): Buffer {
    const flags = (bend.userPresent === false ? 0 : 1) | (bend.userVerified === false ? 0 : 4) | (attested ? 0x40 : 0);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(bend.counter ?? this.counter);
    return Buffer.concat([sha256(bend.rpId ?? new URL(this.#origin).hostname), Buffer.from([flags]), counter]);
  }

  /** `navigator.credentials.create`, as JSON. */
  create(options: { challenge: string }, bend: Bend = {}) {
    const jwk = this.#keys.publicKey.export({ format: "jwk" });
    const cose = cbor(
      new Map<unknown, unknown>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(jwk.x ?? "", "base64url")],
        [-3, Buffer.from(jwk.y ?? "", "base64url")],
      ]),
    );
    const length = Buffer.from([0, this.id.length]);
    const authData = Buffer.concat([this.#data(bend, true), Buffer.alloc(16), length, this.id, cose]);
    const attestation = cbor(
      new Map<unknown, unknown>([
        ["fmt", "none"],
        ["attStmt", new Map()],
        ["authData", authData],
      ]),
    );
    return {
      id: b64(this.id),
      rawId: b64(this.id),
      type: "public-key",
      clientExtensionResults: {},
      authenticatorAttachment: "platform",
      response: {
        clientDataJSON: b64(this.#client("webauthn.create", options.challenge, bend)),
        attestationObject: b64(attestation),
        transports: ["internal"],
      },
    };
  }

  /** `navigator.credentials.get`, as the JSON text that the login page posts. */
  get(options: { challenge: string }, bend: Bend = {}): string {
    const client = this.#client("webauthn.get", options.challenge, bend);
    const data = this.#data(bend);
    const signature = createSign("sha256")
      .update(Buffer.concat([data, sha256(client)]))
      .sign(bend.key ?? this.#keys.privateKey);
    return JSON.stringify({
      id: b64(this.id),
      rawId: b64(this.id),
      type: "public-key",
      clientExtensionResults: {},
      response: { authenticatorData: b64(data), clientDataJSON: b64(client), signature: b64(signature) },
    });
  }
}
