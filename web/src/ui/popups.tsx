/** The heavy half of the popups, loaded when the first dialog is wanted: see `dialog.tsx`. */
import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import type { DialogProps } from "./dialog.tsx";
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
