/** Chance that can be repeated: which tasks the popugs of the demo finish. No draw of the product rests on it. */

export type Chance = {
  /** From 0 to just below 1. */
  next: () => number;
  /** One of the items; throws when there is none. */
  oneOf: <T>(items: readonly T[]) => T;
  /** The items in another order. */
  mixed: <T>(items: readonly T[]) => T[];
};

/** The generator mulberry32 (Tommy Ettinger, public domain): 32 bits of state are plenty for a play. */
export function chance(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mix = Math.imul(state ^ (state >>> 15), state | 1);
    mix ^= mix + Math.imul(mix ^ (mix >>> 7), mix | 61);
    return ((mix ^ (mix >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    oneOf: (items) => {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new Error("nothing to choose from");
      return item;
    },
    mixed: (items) => {
      const mixed = [...items];
      // Fisher and Yates.
      for (let i = mixed.length - 1; i > 0; i--) {
        const j = Math.floor(next() * (i + 1));
        [mixed[i], mixed[j]] = [mixed[j] as (typeof mixed)[number], mixed[i] as (typeof mixed)[number]];
      }
      return mixed;
    },
  };
}
