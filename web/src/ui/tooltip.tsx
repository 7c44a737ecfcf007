/** One tooltip for the page: any element with `data-tip` has it on hover and on focus; Esc hides it. */
import { useEffect, useRef } from "react";
import { ui } from "./classes.ts";

const DELAY_MS = 350;
const GAP = 6;

export function Tooltips() {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const tip = ref.current;
    if (tip === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let owner: Element | null = null;
    const hide = () => {
      clearTimeout(timer);
      owner = null;
      if (tip.matches(":popover-open")) tip.hidePopover();
    };
    const show = (target: Element) => {
      const text = target.getAttribute("data-tip");
      if (text === null || text === "" || !target.isConnected) return;
      tip.textContent = text;
      tip.showPopover();
      const at = target.getBoundingClientRect();
      const own = tip.getBoundingClientRect();
      const below = at.bottom + GAP + own.height < innerHeight;
      tip.style.top = `${below ? at.bottom + GAP : at.top - GAP - own.height}px`;
      tip.style.left = `${Math.min(Math.max(6, at.left + (at.width - own.width) / 2), innerWidth - own.width - 6)}px`;
    };
    const over = (event: Event, delay: number) => {
      const target = event.target instanceof Element ? event.target.closest("[data-tip]") : null;
      if (target === owner) return;
      hide();
      owner = target;
      if (target !== null) timer = setTimeout(() => show(target), delay);
    };
    const onOver = (event: Event) => over(event, DELAY_MS);
    const onFocus = (event: FocusEvent) => {
      if (event.target instanceof Element && event.target.matches(":focus-visible")) over(event, 0);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.code === "Escape") hide();
    };
    // The mouse may have come to rest before anybody listened.
    owner = document.querySelector("[data-tip]:hover");
    if (owner !== null) {
      const target = owner;
      timer = setTimeout(() => show(target), DELAY_MS);
    }
    document.addEventListener("pointerover", onOver);
    document.addEventListener("focusin", onFocus);
    document.addEventListener("focusout", hide);
    document.addEventListener("pointerdown", hide);
    document.addEventListener("keydown", onKey, true);
    document.addEventListener("scroll", hide, true);
    return () => {
      hide();
      document.removeEventListener("pointerover", onOver);
      document.removeEventListener("focusin", onFocus);
      document.removeEventListener("focusout", hide);
      document.removeEventListener("pointerdown", hide);
      document.removeEventListener("keydown", onKey, true);
      document.removeEventListener("scroll", hide, true);
    };
  }, []);
  return <div ref={ref} popover="manual" role="tooltip" className={ui.tip} />;
}
