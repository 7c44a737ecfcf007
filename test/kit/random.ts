/** Random choices that a seed repeats. */

export type Random = {
  /** A whole number from 0 up to, not including, `n`. */
  below: (n: number) => number;
  /** True in `share` of all cases (0…1). */
  chance: (share: number) => boolean;
  pick: <T>(list: readonly T[]) => T;
};

/** The same seed gives the same choices, everywhere (mulberry32 by Tommy Ettinger, public domain). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number) => Math.floor(next() * n);
  return {
    below,
    chance: (share) => next() < share,
    pick: (list) => {
      if (list.length === 0) throw new Error("nothing to pick from");
      return list[below(list.length)] as never;
    },
  };
}

/** How much of a campaign is run: a part of it in `npm test`, all of it in `npm run test:long`. */
export function campaign(part: number, full: number): { runs: number; firstSeed: number } {
  const env = process.env;
  return {
    runs: Number(env["POPUG_RUNS"] ?? (env["POPUG_LONG"] === "1" ? full : part)),
    firstSeed: Number(env["POPUG_SEED"] ?? 1),
  };
}
