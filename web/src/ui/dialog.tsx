import { lazy, type ReactNode, Suspense } from "react";
import { ui } from "./classes.ts";

export type DialogProps = {
  title?: string;
  /** The title is for screen readers only. */
  hideTitle?: boolean;
  /** Instead of a title. */
  label?: string;
  wide?: boolean;
  /** Without padding of its own. */
  bare?: boolean;
  onClose: () => void;
  children: ReactNode;
};

const LoadedDialog = lazy(async () => ({ default: (await import("./popups.tsx")).LoadedDialog }));

/** A modal dialog, open while it is rendered: `{open && <Dialog …/>}`. Esc and a click beside it close it. */
export const Dialog = (props: DialogProps) => (
  <Suspense>
    <LoadedDialog {...props} />
  </Suspense>
);

/** The buttons of a dialog, the primary one last. */
export const DialogActions = ({ children }: { children: ReactNode }) => (
  <div className={ui.dialogActions}>{children}</div>
);
