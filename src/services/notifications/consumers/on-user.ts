/**
 * Keeps the people, as every service does, and tells those whose roles were changed. Whoever begins with the present state of
 * auth knows no roles from before, and writes to nobody.
 */
import { aboutUsers, findPeople, onUser as keepOnly, keepPeople, peopleEvents } from "../../../people/replica.ts";
import { type Consumer, consumer } from "../../../platform/service.ts";
import { queueMails } from "../mail-store.ts";
import { roleChanges } from "../role-changes.ts";

export const onUser: Consumer = consumer({
  name: keepOnly.name,
  source: "auth",
  fromState: true,
  events: peopleEvents,
  command: keepOnly.command,
  async handle(ctx, events) {
    const states = aboutUsers(events);
    const known = await findPeople(
      ctx.sql,
      states.map(({ data }) => data.userId),
    );
    const mails = roleChanges(known, states).map(({ userId, version, from, to }) => ({
      ...{ key: `role-changed:${version}:${userId}`, kind: "role-changed" as const, userId },
      data: { from, to },
    }));
    await queueMails(ctx.sql, mails, ctx.now);
    await keepPeople(ctx, events);
  },
});
