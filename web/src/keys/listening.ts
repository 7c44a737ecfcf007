/** Takes keys. What was bound last wins, so a dialog or a panel takes a key from the page below it. Text fields keep their letters. */
import { useSyncExternalStore } from "react";
import { boundNow, type Shortcut, watchBindings } from "./keyboard.ts";

const SEQUENCE_MS = 1_200;
/** The first key of two, and when it was pressed, ms. */
let pending: { keys: string; at: number } | undefined;

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

/** Takes a key for what is bound to it. For `keydown` of the window. */
export function onKey(event: KeyboardEvent): void {
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
  const covered = document.querySelector("#popups [role=dialog][data-open], [role=menu]:popover-open") !== null;
  const inField = isField(event.target);
  // When it was pressed counts, not when a busy page comes to hear of it.
  const follows = pending !== undefined && event.timeStamp - pending.at < SEQUENCE_MS;
  const typed = follows ? [`${pending?.keys} ${name}`, name] : [name];
  pending = undefined;
  for (const keys of typed) {
    const found = boundNow().findLast((one) => one.keys === keys && ((!inField && !covered) || one.inFields === true));
    if (found !== undefined) {
      event.preventDefault();
      found.run(event);
      return;
    }
  }
  if (!inField && !covered && boundNow().some((one) => one.keys.startsWith(`${name} `))) {
    event.preventDefault();
    pending = { keys: name, at: event.timeStamp };
  }
}

/** What can be pressed now, for the cheat sheet. */
export const useBindings = (): readonly Shortcut[] => useSyncExternalStore(watchBindings, boundNow);
