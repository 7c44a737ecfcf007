/** A measure: what it is, in which unit, the goal in words, and one run. */
export type Measure = {
  name: string;
  runs: number;
  /** Figures of one run by name, with the unit in the name. */
  run: () => Promise<Record<string, number>>;
};
