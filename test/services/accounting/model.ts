/**
 * The books as a child would keep them: one list of popugs, one number each, in memory, in one thread. Written from the
 * product's rules, it shares nothing with the code it is held against.
 */
export type Price = { fee: number; reward: number };
type Sums = { opening: number; credits: number; debits: number };
export type ModelStatement = Sums & { payout: number; closing: number };

export type Happening = {
  what: "assigned" | "done" | "reopened" | "cancelled";
  task: string;
  popug: string;
  period: number;
};

/** What each popug's statement of each period says, when this is what happened and these are the prices. */
export function statementsOf(
  happenings: readonly Happening[],
  prices: ReadonlyMap<string, Price>,
  lastPeriod: number,
): Map<string, ModelStatement> {
  const statements = new Map<string, ModelStatement>();
  const carried = new Map<string, number>();
  const firstPeriod = Math.min(lastPeriod, ...happenings.map(({ period }) => period));
  for (let period = firstPeriod; period <= lastPeriod; period++) {
    const sums = new Map<string, Sums>([...carried].map(([p, opening]) => [p, { opening, credits: 0, debits: 0 }]));
    for (const { what, task, popug } of happenings.filter((it) => it.period === period)) {
      const price = prices.get(task);
      if (price === undefined) throw new Error(`no price of ${task}`);
      const sum = sums.get(popug) ?? { opening: 0, credits: 0, debits: 0 };
      if (what === "assigned") sum.debits += price.fee;
      if (what === "cancelled") sum.credits += price.fee;
      if (what === "done") sum.credits += price.reward;
      if (what === "reopened") sum.debits += price.reward;
      sums.set(popug, sum);
    }
    for (const [popug, sum] of sums) {
      const net = sum.opening + sum.credits - sum.debits;
      const payout = net > 0 ? net : 0;
      statements.set(`${period}/${popug}`, { ...sum, payout, closing: net - payout });
      carried.set(popug, net - payout);
    }
  }
  return statements;
}
