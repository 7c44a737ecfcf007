import type { PlaceName } from "../app/menu.ts";

/** What the menu counts. */
export const useCounters = (): Partial<Record<PlaceName, number>> => ({});
