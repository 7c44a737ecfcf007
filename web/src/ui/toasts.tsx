import { X } from "lucide-react";
import { textOf } from "../i18n/text.ts";
import { Button, Keys } from "./button.tsx";
import { classes, ui } from "./classes.ts";
import { hideLater, hideToast, keepToast, useToasts } from "./toast.ts";

/** Where the short messages are shown. */
export function Toasts() {
  const shown = useToasts();
  const t = textOf("ui");
  return (
    <section className={ui.toasts} aria-label={t("messages")} aria-live="polite" data-print="no">
      {shown.map((toast) => (
        <div
          key={toast.id}
          className={classes(ui.toast, toast.tone && ui.neg)}
          // Whoever reads it or is about to press Undo is not hurried.
          onPointerEnter={() => keepToast(toast.id)}
          onPointerLeave={() => hideLater(toast.id)}
          onFocus={() => keepToast(toast.id)}
          onBlur={() => hideLater(toast.id)}
        >
          <div>
            {toast.text}
            {toast.note !== undefined && <small>{toast.note}</small>}
          </div>
          {toast.action !== undefined && (
            <Button
              small
              onClick={() => {
                toast.action?.run();
                hideToast(toast.id);
              }}
            >
              {toast.action.text}
              {toast.action.keys !== undefined && <Keys keys={toast.action.keys} />}
            </Button>
          )}
          <Button look="ghost" icon small aria-label={t("close")} onClick={() => hideToast(toast.id)}>
            <X size={14} />
          </Button>
        </div>
      ))}
    </section>
  );
}
