/**
 * Shortcuts by physical key (`event.code`): the same fingers in the Russian layout. What was bound last wins, so a
 * dialog or a panel takes a key from the page below it. Text fields keep their letters.
 */
import { useEffect, useRef, useSyncExternalStore } from "react";

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

const SEQUENCE_MS = 1_200;
let bindings: Binding[] = [];
let nextId = 1;
let pending = "";
let pendingTimer: ReturnType<typeof setTimeout> | undefined;
const watchers = new Set<() => void>();

function change(next: Binding[]): void {
  bindings = next;
  for (const watch of watchers) watch();
}

const isField = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
  !(target instanceof HTMLInputElement && /^(checkbox|radio|button)$/.test(target.type));

function nameOf(event: KeyboardEvent): string {
  const modifiers = [
    event.metaKey || event.ctrlKey ? "Mod+" : "",
    event.altKey ? "Alt+" : "",
    event.shiftKey ? "Shift+" : "",
  ];
  return modifiers.join("") + event.code;
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || /^(Shift|Control|Alt|Meta)/.test(event.code)) return;
  // What has the focus takes these itself.
  if (
    /^(Enter|NumpadEnter|Space)$/.test(event.code) &&
    event.target instanceof Element &&
    event.target.closest("button, a, summary")
  )
    return;
  const name = nameOf(event);
  // While something modal is open, the page below it is not there.
  const covered = document.querySelector("#popups [role=dialog][data-open], #popups [role=menu]") !== null;
  const inField = isField(event.target);
  const typed = pending === "" ? [name] : [`${pending} ${name}`, name];
  clearTimeout(pendingTimer);
  pending = "";
  for (const keys of typed) {
    const found = bindings.findLast((one) => one.keys === keys && ((!inField && !covered) || one.inFields === true));
    if (found !== undefined) {
      event.preventDefault();
      found.run(event);
      return;
    }
  }
  if (!inField && !covered && bindings.some((one) => one.keys.startsWith(`${name} `))) {
    event.preventDefault();
    pending = name;
    pendingTimer = setTimeout(() => {
      pending = "";
    }, SEQUENCE_MS);
  }
}

let listening = false;

/** Binds while the component is there. `shortcuts` may be a new array each time; what counts is the newest `run`. */
export function useShortcuts(shortcuts: readonly Shortcut[], active = true): void {
  const newest = useRef(shortcuts);
  useEffect(() => {
    newest.current = shortcuts;
  });
  const shape = shortcuts.map((one) => `${one.keys}|${one.label ?? ""}|${one.inFields ?? false}`).join("\n");
  useEffect(() => {
    if (!listening) {
      listening = true;
      addEventListener("keydown", onKey);
    }
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

/** What can be pressed now, for the cheat sheet. */
export const useBindings = (): readonly Shortcut[] =>
  useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => bindings,
  );

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
