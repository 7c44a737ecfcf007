/** `user.erased`: what was written beside their days away is forgotten. */
import { userErasedV1 } from "../../../contracts/auth/user.erased.v1.ts";
import { type Consumer, consumer } from "../../../platform/service.ts";
import { forgetNotes } from "../absence-store.ts";

export const onUserErased: Consumer = consumer({
  name: "on-user-erased",
  source: "auth",
  fromState: true,
  events: [userErasedV1],
  command: "user.erase",
  handle: (ctx, events) =>
    forgetNotes(
      ctx.sql,
      events.map((event) => event.data.userId),
    ),
});
