/** Russian: the frame's texts at once, each page's when it is wanted. One chunk for a language keeps the other one out of sight. */
import shell from "./ru/shell.ts";
import ui from "./ru/ui.ts";

export const frame = { shell, ui };
export const ofPages = import.meta.glob<{ default: Record<string, string> }>([
  "./ru/*.ts",
  "!./ru/shell.ts",
  "!./ru/ui.ts",
]);
