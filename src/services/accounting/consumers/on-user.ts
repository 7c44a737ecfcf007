/** People join and change: the replica follows, and each of them has an account from then on. */
import { type Consumer, consumer } from "../../../platform/service.ts";
import { aboutUsers, keepPeople, peopleEvents } from "../../../people/replica.ts";
import { openAccounts } from "../booking-store.ts";

export const onUser: Consumer = consumer({
  name: "on-user",
  source: "auth",
  fromState: true,
  events: peopleEvents,
  command: "user.replicate",
  handle: async (ctx, events) => {
    await keepPeople(ctx, events);
    // Users and tasks come from different sources, unordered: whichever names a popug first opens the account.
    await openAccounts(
      ctx.sql,
      aboutUsers(events).map((event) => event.data.userId),
    );
  },
});
