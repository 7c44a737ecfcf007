/** Waiting for something that happens in another process: looking again, with a deadline. */
import { setTimeout as delay } from "node:timers/promises";

/**
 * Looks until there is an answer.
 * @param late says what did not happen, when it is not there after `withinMs`
 */
export async function until<T>(
  look: () => Promise<T | undefined>,
  { withinMs, everyMs, late }: { withinMs: number; everyMs: number; late: () => string },
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (let found = await look(); ; found = await look()) {
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(late());
    await delay(everyMs);
  }
}
