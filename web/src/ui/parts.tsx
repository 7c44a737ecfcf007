/** Small parts that every page is made of. */
import { Search } from "lucide-react";
import { type ComponentProps, type ReactNode, useId } from "react";
import { classes, ui } from "./classes.ts";

export type Tone = "pos" | "warn" | "neg" | "accent";

export function Chip({ tone, children, ...rest }: ComponentProps<"span"> & { tone?: Tone | undefined }) {
  return (
    <span {...rest} className={classes(ui.chip, tone && ui[tone])}>
      {children}
    </span>
  );
}

/** A round mark before a line of the ledger. */
export function Mark({ tone, children }: { tone?: "pos" | "warn" | "neg" | undefined; children: ReactNode }) {
  return <span className={classes(ui.mark, tone && ui[tone])}>{children}</span>;
}

/** Sections with a heading; the last element of the header stands at its right. */
export function Card({
  title,
  note,
  action,
  children,
  className,
}: {
  title?: ReactNode;
  note?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section className={classes(ui.card, className)}>
      {title !== undefined && (
        <header>
          <h2>{title}</h2>
          {note !== undefined && <span>{note}</span>}
          {action}
        </header>
      )}
      {children}
    </section>
  );
}

/** A table in a box that scrolls sideways where the screen is too narrow. Cells: `ui.right`, `ui.fill`, `ui.wideOnly`. */
export function Table({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <div className={ui.tableBox} role="region" aria-label={label} tabIndex={0}>
      <table className={ui.table}>{children}</table>
    </div>
  );
}

/** One of a few views: `?show=open`. */
export function Tabs<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly { value: T; text: ReactNode; count?: ReactNode }[];
  onChange: (value: T) => void;
}) {
  return (
    <div className={ui.tabs} role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.text}
          {option.count !== undefined && <small>{option.count}</small>}
        </button>
      ))}
    </div>
  );
}

/** A label, its control, a hint and what is wrong. The control gets `id` and the rest by the function. */
export function Field({
  label,
  hint,
  wrong,
  children,
}: {
  label: ReactNode;
  hint?: ReactNode;
  wrong?: ReactNode;
  children: (control: {
    id: string;
    "aria-describedby"?: string;
    "aria-invalid"?: true;
    className: string;
  }) => ReactNode;
}) {
  const id = useId();
  const about = hint !== undefined || wrong !== undefined ? `${id}-about` : undefined;
  return (
    <div className={ui.field}>
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        className: ui.input ?? "",
        ...(about !== undefined && { "aria-describedby": about }),
        ...(wrong !== undefined && { "aria-invalid": true }),
      })}
      {about !== undefined && (
        <span id={about} className={wrong === undefined ? ui.hint : ui.wrong}>
          {wrong ?? hint}
        </span>
      )}
    </div>
  );
}

export const Input = (props: ComponentProps<"input">) => (
  <input {...props} className={classes(ui.input, props.className)} />
);

/** Native: the best one on a telephone, and accessible. Give `aria-label` where there is no `Field`. */
export const Select = (props: ComponentProps<"select">) => (
  <select {...props} className={classes(ui.input, props.className)} />
);

export function SearchInput({ className, ...rest }: ComponentProps<"input">) {
  return (
    <span className={classes(ui.search, className)}>
      <Search size={15} aria-hidden="true" />
      <Input type="search" autoComplete="off" spellCheck={false} {...rest} />
    </span>
  );
}

/** How far a known amount of work is. */
export function Progress({ label, value, max }: { label: string; value: number; max: number }) {
  const share = max === 0 ? 1 : Math.min(1, value / max);
  return (
    <span
      className={ui.bar}
      role="progressbar"
      aria-label={label}
      aria-valuenow={Math.round(share * 100)}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <i style={{ width: `${share * 100}%` }} />
    </span>
  );
}
