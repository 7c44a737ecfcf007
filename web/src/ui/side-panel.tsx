/** A list with the details of one of its lines beside it; on a small screen the details lie over the list. */
import { X } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { textOf } from "../i18n/text.ts";
import { useShortcuts } from "../keys/keyboard.ts";
import { Button } from "./button.tsx";
import styles from "./side-panel.module.css";

/** The body of a page with `full`: what scrolls, and `panel` beside it when there is one. */
export function WithPanel({ label, panel, children }: { label: string; panel?: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.body} data-print="flow">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <div className={styles.main} role="region" aria-label={label} tabIndex={0} data-print="flow">
        {children}
      </div>
      {panel}
    </div>
  );
}

/** The details; Esc closes them. Give it a `key`, so that another line begins at the top and takes the focus. */
export function SidePanel({
  title,
  note,
  mark,
  onClose,
  children,
}: {
  title: ReactNode;
  note?: ReactNode;
  /** Before the title. */
  mark?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}) {
  const ref = useRef<HTMLElement>(null);
  const t = textOf("ui");
  useShortcuts([{ keys: "Escape", label: t("close"), run: onClose }]);
  useEffect(() => {
    // Whoever pressed a line of the list goes on from here, and back to it afterwards.
    const before = document.activeElement;
    ref.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <section
      ref={ref}
      className={styles.panel}
      tabIndex={-1}
      aria-label={typeof title === "string" ? title : undefined}
    >
      <header>
        {mark}
        <div>
          <h2>{title}</h2>
          {note !== undefined && <p>{note}</p>}
        </div>
        <Button look="ghost" icon small aria-label={t("close")} onClick={onClose}>
          <X size={16} />
        </Button>
      </header>
      {children}
    </section>
  );
}

/** A part of a panel under a small heading. */
export function PanelPart({ title, action, children }: { title: ReactNode; action?: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.part}>
      <div className={styles.partHead}>
        <h3>{title}</h3>
        {action}
      </div>
      {children}
    </div>
  );
}

/** Names and values below each other: `[["Key", <code>…</code>], …]`; what is null is left out. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ReactNode] | null)[] }) {
  return (
    <dl className={styles.facts}>
      {facts
        .filter((fact) => fact !== null)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Data as they travel, or a text with its lines. */
export function Json({ label, value }: { label: string; value: unknown }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <pre className={styles.json} role="region" aria-label={label} tabIndex={0}>
      {typeof value === "string" ? value : JSON.stringify(value, null, 2)}
    </pre>
  );
}

/** Filters above a list. */
export const Toolbar = ({ children }: { children: ReactNode }) => (
  <div className={styles.toolbar} data-print="no">
    {children}
  </div>
);

/** A line of a list that opens something: the whole row takes the press. */
export const rowButton = styles.rowButton ?? "";
export const code = styles.code ?? "";
