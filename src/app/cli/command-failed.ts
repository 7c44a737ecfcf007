/** How a command ends; documented in every `--help`. */
export const exit = { ok: 0, failed: 1, usage: 2, differences: 3 } as const;

/** Ends a command with an exit code other than 0 although nothing was thrown. */
export type EndWith = (code: number) => void;

/** A command did not work, and a person can see why: the message is shown without a stack. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
}
