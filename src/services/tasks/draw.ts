/** The draw: the only way in which a task comes to a popug. */

/** A whole number, uniform in [0, below). The service draws with `randomInt` of node:crypto: draws are money. */
export type Random = (below: number) => number;

/** One of the eligible, each equally likely; undefined when there is nobody. */
export function draw(eligible: readonly string[], random: Random): string | undefined {
  return eligible.length === 0 ? undefined : eligible[random(eligible.length)];
}
