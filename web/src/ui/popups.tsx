/** The heavy half of the popups, loaded when the first one is wanted: see `dialog.tsx` and `menu.tsx`. */
import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import { Menu as BaseMenu } from "@base-ui/react/menu";
import { Popover as BasePopover } from "@base-ui/react/popover";
import type { DialogProps } from "./dialog.tsx";
import type { MenuProps, PopoverProps } from "./menu.tsx";
import { classes, ui } from "./classes.ts";

/** Popups live in here: a landmark of the page, above everything. */
const container = () => document.getElementById("popups") ?? document.body;

export function LoadedDialog({ title, hideTitle, wide, bare, onClose, children, label }: DialogProps) {
  return (
    <BaseDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <BaseDialog.Portal container={container()}>
        <BaseDialog.Backdrop className={ui.veil} />
        <BaseDialog.Popup
          className={classes(ui.dialog, wide && ui.wide, bare && ui.bare)}
          {...(label !== undefined && { "aria-label": label })}
        >
          {title !== undefined && <BaseDialog.Title className={hideTitle ? "sr" : undefined}>{title}</BaseDialog.Title>}
          {children}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

export function LoadedMenu({ trigger, items, startOpen }: MenuProps & { startOpen: boolean }) {
  return (
    <BaseMenu.Root defaultOpen={startOpen}>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal container={container()}>
        <BaseMenu.Positioner sideOffset={6} align="end" style={{ zIndex: 35 }}>
          <BaseMenu.Popup className={ui.menu}>
            {items.map((item) => (
              <BaseMenu.Item key={item.text} onClick={item.run} disabled={item.disabled ?? false}>
                {item.icon}
                {item.text}
              </BaseMenu.Item>
            ))}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

export function LoadedPopover({ trigger, label, children, startOpen }: PopoverProps & { startOpen: boolean }) {
  return (
    <BasePopover.Root defaultOpen={startOpen}>
      <BasePopover.Trigger render={trigger} />
      <BasePopover.Portal container={container()}>
        <BasePopover.Positioner sideOffset={6} align="end" style={{ zIndex: 35 }}>
          <BasePopover.Popup className={ui.popover} aria-label={label}>
            {children}
          </BasePopover.Popup>
        </BasePopover.Positioner>
      </BasePopover.Portal>
    </BasePopover.Root>
  );
}
