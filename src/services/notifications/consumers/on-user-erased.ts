/** `user.erased`: to which address mails went is forgotten; which mails there were stays. */
import { userErasedV1 } from "../../../contracts/auth/user.erased.v1.ts";
import { type Consumer, consumer } from "../../../platform/service.ts";
import { forgetAddresses } from "../mail-store.ts";

export const onUserErased: Consumer = consumer({
  name: "on-user-erased",
  source: "auth",
  events: [userErasedV1],
  command: "user.erase",
  handle: (ctx, events) =>
    forgetAddresses(
      ctx.sql,
      events.map((event) => event.data.userId),
    ),
});
