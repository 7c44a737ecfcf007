/** Pay details: one's own, masked; anybody's for accountants, with every change. */
import { Type } from "typebox";
import { Nullable, Timestamp, Uuid } from "../../../platform/contract.ts";
import { query, type Route } from "../../../platform/http/route.ts";
import { maskIban } from "../../../platform/iban.ts";
import { findDetails, listDetails } from "../pay-details-store.ts";

/** As many changes as anybody looks at. */
const MAX_CHANGES = 50;

const Details = Type.Object({ iban: Type.String(), holder: Type.String(), setAt: Timestamp });

export const payDetailsQueries: Route[] = [
  query({
    operationId: "getMyPayDetails",
    method: "GET",
    path: "/my/pay-details",
    policy: "self.settings",
    summary: "Where I am paid; the account number masked. Null: I have not said it yet.",
    response: Type.Object({ details: Nullable(Details) }),
    handle: async ({ sql, actor }) => {
      const details = await findDetails(sql, actor.userId);
      if (details === undefined) return { details: null };
      const { iban, holder, setAt } = details;
      return { details: { iban: maskIban(iban), holder, setAt: setAt.toISOString() } };
    },
  }),
  query({
    operationId: "listPayDetails",
    method: "GET",
    path: "/accounts/:userId/pay-details",
    policy: "payouts.file",
    summary: "Where a popug is paid, newest first, with what they had said before.",
    params: Type.Object({ userId: Uuid }),
    response: Type.Object({ items: Type.Array(Details) }),
    handle: async ({ sql }, { params: { userId } }) => {
      const changes = await listDetails(sql, userId, MAX_CHANGES);
      return { items: changes.map(({ id: _, setAt, ...rest }) => ({ ...rest, setAt: setAt.toISOString() })) };
    },
  }),
];
