/**
 * Shortcuts by physical key (`event.code`): the same fingers in the Russian layout. Here is what is bound and how it is
 * written; `listening.ts`, which comes after the first page, takes the keys.
 */
import { useEffect, useRef } from "react";

export type Shortcut = {
  /** `KeyE`, `Shift+KeyJ`, `Mod+KeyK` (⌘ or Ctrl), or two in a row: `KeyG KeyT`. */
  keys: string;
  /** For the cheat sheet; without it the shortcut is not shown there. */
  label?: string;
  run: (event: KeyboardEvent) => void;
  /** Also while a text field has the focus. */
  inFields?: boolean;
};

type Binding = Shortcut & { id: number };

let bindings: Binding[] = [];
let nextId = 1;
const watchers = new Set<() => void>();

/** What is bound now, the newest last. */
export const boundNow = (): readonly Shortcut[] => bindings;

/** Calls back at each change of it. @returns how to stop */
export function watchBindings(watch: () => void): () => void {
  watchers.add(watch);
  return () => watchers.delete(watch);
}

function change(next: Binding[]): void {
  bindings = next;
  for (const watch of watchers) watch();
}

/** Binds while the component is there. `shortcuts` may be a new array each time; what counts is the newest `run`. */
export function useShortcuts(shortcuts: readonly Shortcut[], active = true): void {
  const newest = useRef(shortcuts);
  useEffect(() => {
    newest.current = shortcuts;
  });
  const shape = shortcuts.map((one) => `${one.keys}|${one.label ?? ""}|${one.inFields ?? false}`).join("\n");
  useEffect(() => {
    if (!active || shape === "") return;
    const own: Binding[] = newest.current.map((one, at) => ({
      ...one,
      id: nextId++,
      run: (event) => newest.current[at]?.run(event),
    }));
    change([...bindings, ...own]);
    return () => change(bindings.filter((one) => !own.includes(one)));
  }, [shape, active]);
}

const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);
const signs: Record<string, string> = {
  Mod: isMac ? "⌘" : "Ctrl",
  Shift: "⇧",
  Alt: isMac ? "⌥" : "Alt",
  Slash: "/",
  Escape: "Esc",
  ArrowUp: "↑",
  ArrowDown: "↓",
};

/** `Shift+KeyJ` → `["⇧", "J"]`; a question mark is how people know Shift+/. */
export function shownKeys(keys: string): string[] {
  if (keys === "Shift+Slash") return ["?"];
  return keys
    .split(/[ +]/)
    .map((part) => signs[part] ?? part.replace(/^(Key|Digit)/, ""))
    .map((part) => part.trim());
}
