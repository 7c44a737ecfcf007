/** The storage of `oidc-provider` on our tables. `consume` is the guard of the whole protocol: see there. */
import "./provider-warning.ts";
import { errors, type Adapter, type AdapterFactory, type AdapterPayload } from "oidc-provider";
import type { Sql } from "../../platform/service.ts";
import {
  consumeArtefact,
  deleteArtefact,
  deleteGrant,
  findArtefact,
  findArtefactByUid,
  findGrantOf,
  type FoundArtefact,
  saveArtefact,
} from "./artefact-store.ts";
import { noteApplicationLogins } from "./access-ending.ts";
import type { Sealing } from "./sealing.ts";
import { recordAudit } from "./security-audit.ts";

/** For artefacts that say no lifetime; none of ours lives longer. */
const LONGEST_SECONDS = 8 * 3600;

/** An adapter per kind of artefact (`Session`, `Grant`, `AuthorizationCode`, …). */
export function createAdapters(sql: Sql, sealing: Sealing): AdapterFactory {
  return (kind) => new ArtefactAdapter(kind, sql, sealing);
}

class ArtefactAdapter implements Adapter {
  readonly #kind: string;
  readonly #sql: Sql;
  readonly #sealing: Sealing;

  constructor(kind: string, sql: Sql, sealing: Sealing) {
    this.#kind = kind;
    this.#sql = sql;
    this.#sealing = sealing;
  }

  /** @throws InvalidGrant when it belongs to somebody who was deactivated meanwhile */
  async upsert(id: string, payload: AdapterPayload, expiresIn = LONGEST_SECONDS): Promise<void> {
    const idHmac = this.#sealing.name(this.#kind, id);
    const saved = await saveArtefact(
      this.#sql,
      {
        kind: this.#kind,
        idHmac,
        grantHmac: payload.grantId === undefined ? null : this.#sealing.name("Grant", payload.grantId),
        uidHmac: payload.uid === undefined ? null : this.#sealing.name(`${this.#kind} uid`, payload.uid),
        userId: payload.accountId ?? null,
        clientId: payload.clientId ?? null,
        sealed: this.#sealing.seal(payload, idHmac),
      },
      expiresIn,
    );
    if (!saved) throw new errors.InvalidGrant("the account is not active");
    if (this.#kind === "Session" && payload.accountId !== undefined) {
      await this.#noteLogins(payload.accountId, payload, idHmac, expiresIn);
    }
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#opened(await findArtefact(this.#sql, this.#kind, this.#sealing.name(this.#kind, id)));
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#opened(await findArtefactByUid(this.#sql, this.#kind, this.#sealing.name(`${this.#kind} uid`, uid)));
  }

  /** Only the device flow asks for this, which is off. */
  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  /**
   * Of all who redeem the same code or refresh token, also at the same instant, one gets through. Whoever comes second
   * shows that two hold it, so the whole grant ends: what the first one got stops working at its next refresh.
   * @throws InvalidGrant
   */
  async consume(id: string): Promise<void> {
    const idHmac = this.#sealing.name(this.#kind, id);
    if (await consumeArtefact(this.#sql, this.#kind, idHmac)) return;
    const owner = await findGrantOf(this.#sql, this.#kind, idHmac);
    if (owner?.grantHmac) {
      await deleteGrant(this.#sql, owner.grantHmac);
      const what = this.#kind === "RefreshToken" ? "refresh-token.reused" : "code.redeemed-twice";
      await recordAudit(this.#sql, what, "system:provider", owner.userId);
    }
    throw new errors.InvalidGrant(`${this.#kind} already consumed`);
  }

  async destroy(id: string): Promise<void> {
    const idHmac = this.#sealing.name(this.#kind, id);
    if (this.#kind === "Grant") await deleteGrant(this.#sql, idHmac);
    else await deleteArtefact(this.#sql, this.#kind, idHmac);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await deleteGrant(this.#sql, this.#sealing.name("Grant", grantId));
  }

  /** Sessions are sealed; who has to be told of their end stands beside them. */
  async #noteLogins(userId: string, payload: AdapterPayload, sessionHmac: Buffer, expiresInSeconds: number) {
    const logins = Object.entries(payload.authorizations ?? {}).flatMap(([clientId, { sid, grantId }]) =>
      sid === undefined
        ? []
        : [{ sid, clientId, grantHmac: grantId === undefined ? null : this.#sealing.name("Grant", grantId) }],
    );
    if (logins.length > 0) {
      await noteApplicationLogins(this.#sql, { userId, sessionHmac, expiresInSeconds }, logins);
    }
  }

  #opened(found: FoundArtefact | undefined): AdapterPayload | undefined {
    if (!found) return undefined;
    const payload = this.#sealing.open(found.sealed, found.idHmac) as AdapterPayload;
    return found.consumedAt ? { ...payload, consumed: Math.floor(found.consumedAt.getTime() / 1000) } : payload;
  }
}
