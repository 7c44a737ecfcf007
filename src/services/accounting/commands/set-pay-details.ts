/** A popug says where to be paid. Only they do: nobody else can lead their money elsewhere. */
import { Type } from "typebox";
import { payDetailsChangedV1 } from "../../../contracts/accounting/pay-details.changed.v1.ts";
import { Timestamp } from "../../../platform/contract.ts";
import { command, type Route } from "../../../platform/http/route.ts";
import { compactIban, ibanProblem, type IbanProblem } from "../../../platform/iban.ts";
import { Refusal } from "../../../platform/refusal.ts";
import { findDetails, saveDetails } from "../pay-details-store.ts";

/** What banks take in a name: Latin letters, digits and a few signs, a letter first (EPC217-08). */
const HOLDER = /^\p{Script=Latin}[\p{Script=Latin}\p{M}0-9 '().,/+?:-]*$/u;

const texts: Record<IbanProblem, string> = {
  country: "No account number begins with these two letters.",
  length: "The account number has too few or too many characters for its country.",
  characters: "An account number has two letters, two digits, and then letters and digits only.",
  "check-digits": "The check digits do not fit: there is a typing error in the account number.",
};

/** @throws Refusal `bad-account-number`, `bad-account-holder` */
function readDetails(body: { iban: string; holder: string }): { iban: string; holder: string } {
  const iban = compactIban(body.iban);
  const problem = ibanProblem(iban);
  if (problem !== null) {
    const fields = [{ path: "iban", message: texts[problem] }];
    throw new Refusal("invalid", "bad-account-number", texts[problem], { fields });
  }
  const holder = body.holder.trim().replaceAll(/\s+/g, " ");
  if (!HOLDER.test(holder)) {
    const message = "Write the name in Latin letters, as your bank has it.";
    throw new Refusal("invalid", "bad-account-holder", message, { fields: [{ path: "holder", message }] });
  }
  return { iban, holder };
}

export const setPayDetails: Route = command({
  operationId: "setPayDetails",
  command: "pay-details.set",
  method: "PUT",
  path: "/my/pay-details",
  policy: "self.settings",
  summary: "Says where I am paid from now on.",
  holdsSecrets: "request",
  body: Type.Object({
    iban: Type.String({ minLength: 5, maxLength: 60 }),
    holder: Type.String({ minLength: 2, maxLength: 70 }),
  }),
  response: Type.Object({ setAt: Timestamp }),
  handle: async (ctx, { body }) => {
    const { userId } = ctx.actor;
    const wanted = readDetails(body);
    const before = await findDetails(ctx.sql, userId);
    if (before?.iban === wanted.iban && before.holder === wanted.holder) return { setAt: before.setAt.toISOString() };
    const detailsId = await saveDetails(ctx.sql, { userId, ...wanted, at: ctx.now });
    ctx.emit(payDetailsChangedV1, { userId, detailsId });
    return { setAt: ctx.now.toISOString() };
  },
});
