/** `user.created`, `user.updated` → `task.assign`: tasks follow from who may be drawn. */
import { aboutUsers, keepPeople, peopleEvents } from "../../../people/replica.ts";
import { type Consumer, consumer } from "../../../platform/service.ts";
import { lockEligibility } from "../eligibility-store.ts";
import { handOutMisplaced } from "../hand-out.ts";
import { type Calendar, register } from "../registration-store.ts";

/**
 * Somebody deactivated, or made manager or admin, loses their open tasks to a new draw; somebody new takes what waits.
 * A draw made before the change arrived here stands, and is charged.
 */
export function onUserChanged(calendar: Calendar): Consumer {
  return consumer({
    name: "on-user-changed",
    source: "auth",
    fromState: true,
    events: peopleEvents,
    command: "task.assign",
    handle: async (ctx, events) => {
      const changes = aboutUsers(events);
      if (changes.length === 0) return keepPeople(ctx, events);
      const registered = await register(ctx, calendar);
      await lockEligibility(ctx);
      await keepPeople(ctx, events);
      const latest = changes.at(-1);
      await handOutMisplaced(ctx, registered, (id) => changes.findLast((event) => event.data.userId === id) ?? latest);
    },
  });
}
