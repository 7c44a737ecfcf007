import { cloneElement, lazy, type ReactElement, type ReactNode, Suspense, useState } from "react";

export type MenuItem = { text: string; icon?: ReactNode; run: () => void; disabled?: boolean };
type Trigger = ReactElement<{ onClick?: () => void; "aria-haspopup"?: "menu" | "dialog"; onPointerEnter?: () => void }>;
export type MenuProps = {
  /** A `Button`; it looks the same before the menu is loaded. */ trigger: Trigger;
  items: readonly MenuItem[];
};
export type PopoverProps = { trigger: Trigger; label: string; children: ReactNode };

const load = () => import("./popups.tsx");
const LoadedMenu = lazy(async () => ({ default: (await load()).LoadedMenu }));
const LoadedPopover = lazy(async () => ({ default: (await load()).LoadedPopover }));

/** The trigger alone until it is pressed; then the same trigger with its popup open. */
export function Menu(props: MenuProps) {
  const [wanted, want] = useState(false);
  const plain = plainTrigger(props.trigger, "menu", () => want(true));
  if (!wanted) return plain;
  return (
    <Suspense fallback={plain}>
      <LoadedMenu {...props} startOpen />
    </Suspense>
  );
}

/** A small panel at a button, for filters and details. */
export function Popover(props: PopoverProps) {
  const [wanted, want] = useState(false);
  const plain = plainTrigger(props.trigger, "dialog", () => want(true));
  if (!wanted) return plain;
  return (
    <Suspense fallback={plain}>
      <LoadedPopover {...props} startOpen />
    </Suspense>
  );
}

function plainTrigger(trigger: Trigger, popup: "menu" | "dialog", open: () => void): ReactElement {
  return cloneElement(trigger, { onClick: open, onPointerEnter: () => void load(), "aria-haspopup": popup });
}
