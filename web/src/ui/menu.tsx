/**
 * A menu at a button, on what browsers have for it: `popover` opens it, closes it by Esc and by a press beside it, and gives
 * the focus back. (Base UI's menu alone was a twelfth of the app's code.)
 */
import { cloneElement, type KeyboardEvent, type ReactElement, type ReactNode, useId, useState } from "react";
import { ui } from "./classes.ts";

export type MenuItem = { text: string; icon?: ReactNode; run: () => void; disabled?: boolean };
type Trigger = ReactElement<{ popoverTarget?: string; "aria-haspopup"?: "menu" }>;

const GAP = 6;
const EDGE = 8;
const ROW = 32;

const itemsOf = (menu: HTMLElement) => [...menu.querySelectorAll<HTMLElement>("[role=menuitem]:enabled")];

/** Below its button, or above it where there is no room; its right edge at the button's. */
function place(menu: HTMLElement, rows: number): void {
  const at = document.querySelector(`[popovertarget="${menu.id}"]`)?.getBoundingClientRect();
  if (at === undefined) return;
  const above = at.bottom + GAP + rows * ROW + EDGE > innerHeight;
  menu.style.top = above ? "auto" : `${at.bottom + GAP}px`;
  menu.style.bottom = above ? `${innerHeight - at.top + GAP}px` : "auto";
  menu.style.right = `${Math.max(EDGE, innerWidth - at.right)}px`;
}

/** Where arrows, Home and End lead; undefined for other keys. */
function next(key: string, at: number, count: number): number | undefined {
  if (key === "ArrowDown") return (at + 1) % count;
  if (key === "ArrowUp") return (at + count - 1) % count;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : undefined;
}

function onKey(event: KeyboardEvent<HTMLElement>): void {
  const menu = event.currentTarget;
  if (event.key === "Tab") menu.hidePopover();
  const all = itemsOf(menu);
  const to = next(event.key, all.indexOf(document.activeElement as HTMLElement), all.length);
  if (to === undefined) return;
  event.preventDefault();
  all[to]?.focus();
}

/** `trigger`: a `Button`. */
export function Menu({ trigger, items }: { trigger: Trigger; items: readonly MenuItem[] }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  return (
    <>
      {cloneElement(trigger, { popoverTarget: id, "aria-haspopup": "menu" })}
      <div
        id={id}
        popover="auto"
        role="menu"
        tabIndex={-1}
        className={ui.menu}
        data-print="no"
        onBeforeToggle={({ currentTarget, newState }) => {
          setOpen(newState === "open");
          if (newState === "open") place(currentTarget, items.length);
        }}
        onToggle={({ currentTarget, newState }) => {
          if (newState === "open") itemsOf(currentTarget)[0]?.focus();
        }}
        onKeyDown={onKey}
      >
        {open &&
          items.map((item) => (
            <button
              key={item.text}
              type="button"
              role="menuitem"
              tabIndex={-1}
              disabled={item.disabled ?? false}
              onClick={({ currentTarget }) => {
                currentTarget.closest<HTMLElement>("[popover]")?.hidePopover();
                item.run();
              }}
            >
              {item.icon}
              {item.text}
            </button>
          ))}
      </div>
    </>
  );
}
