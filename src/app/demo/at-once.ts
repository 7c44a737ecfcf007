/** So many requests are under way at a time: a company at work, not an attack. */
const AT_ONCE = 16;

/** Does the work for all items, a bounded number at a time, beginning in their order. The first failure ends it. */
export async function atOnce<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items.values();
  const hand = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, hand));
}
