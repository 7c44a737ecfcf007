/** `user.erased`: where somebody was paid is forgotten; what they were paid stays. */
import { userErasedV1 } from "../../../contracts/auth/user.erased.v1.ts";
import { type Consumer, consumer } from "../../../platform/service.ts";
import { forgetDetails } from "../pay-details-store.ts";

export const onUserErased: Consumer = consumer({
  name: "on-user-erased",
  source: "auth",
  fromState: true,
  events: [userErasedV1],
  command: "user.erase",
  handle: (ctx, events) =>
    forgetDetails(
      ctx.sql,
      events.map((event) => event.data.userId),
      ctx.now,
    ),
});
