/** The state of a user as auth tells it; both user events carry all of it. */
import { Type } from "typebox";
import { OneOf, Timestamp, Uuid } from "../../platform/contract.ts";

export const UserState = {
  userId: Uuid,
  login: Type.String({ minLength: 1, maxLength: 60 }),
  name: Type.String({ minLength: 1, maxLength: 200 }),
  email: Type.String({ maxLength: 254 }),
  roles: Type.Array(OneOf(["worker", "manager", "accountant", "admin"]), { minItems: 1, maxItems: 4 }),
  language: OneOf(["en", "ru"]),
  status: OneOf(["active", "inactive"]),
  /** 1 on creation, raised by one with each change. */
  version: Type.Integer({ minimum: 1 }),
  /** Tokens issued before this instant are no longer good (real time, not business time). */
  validFrom: Timestamp,
};
