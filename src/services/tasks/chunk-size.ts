/** How much is done in one transaction of a long job. Pure. */

/** People see it move: at this about six times a second. Larger chunks would take a quarter less time in all. */
const CHUNK_MS = 160;
const SMALLEST = 100;
const LARGEST = 5_000;

/** What one begins with, on whatever machine. */
export const FIRST_CHUNK = 500;

/** The next size, from how long the last one took: towards that time, at most doubled or halved at a time. */
export function nextChunk(size: number, tookMs: number): number {
  const factor = Math.min(2, Math.max(0.5, CHUNK_MS / Math.max(1, tookMs)));
  return Math.round(Math.min(LARGEST, Math.max(SMALLEST, size * factor)));
}
