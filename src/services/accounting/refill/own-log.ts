/** What accounting's own log says of who did something. Pure. */

/** The user id in the name of whoever acted. */
export function personOf(actor: string): string {
  const [kind, userId] = actor.split(":");
  if (kind !== "user" || userId === undefined) throw new Error(`${actor} is nobody who decides about money`);
  return userId;
}
