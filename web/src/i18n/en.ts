/** English: the frame's texts at once, each page's when it is wanted. One chunk for a language keeps the other one out of sight. */
import shell from "./en/shell.ts";
import ui from "./en/ui.ts";

export const frame = { shell, ui };
export const ofPages = import.meta.glob<{ default: Record<string, string> }>([
  "./en/*.ts",
  "!./en/shell.ts",
  "!./en/ui.ts",
]);
