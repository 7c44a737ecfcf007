import type { Tone } from "./parts.tsx";

/** The colour of a billing day's state. */
export const periodTone = { open: "accent", closing: "warn", closed: undefined } as const satisfies Record<
  string,
  Tone | undefined
>;
