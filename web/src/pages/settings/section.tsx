import type { ReactNode } from "react";
import { ui } from "../../ui/classes.ts";
import { Skeleton } from "../../ui/skeleton.tsx";
import { explain } from "../../ui/states.tsx";
import styles from "./settings.module.css";

/** One setting: what it is at the left, its control at the right. */
export function Section({ title, about, children }: { title: string; about?: string; children: ReactNode }) {
  return (
    <section className={styles.section} aria-label={title}>
      <div>
        <h2>{title}</h2>
        {about !== undefined && <p className={ui.hint}>{about}</p>}
      </div>
      <div>{children}</div>
    </section>
  );
}

/** A list of a few things, or why there is none; grey while one that failed is asked for again. */
export function Lines({
  query,
  empty,
  children,
}: {
  query: { isPending: boolean; error: unknown; data?: { items: readonly unknown[] } | undefined };
  empty: string;
  children: ReactNode;
}) {
  if (query.isPending) return <Skeleton width="60%" />;
  if (query.data === undefined) return <p className={ui.wrong}>{explain(query.error)}</p>;
  if (query.data.items.length === 0) return <p className={ui.hint}>{empty}</p>;
  return <ul className={styles.lines}>{children}</ul>;
}

export function Line({ title, note, children }: { title: ReactNode; note: ReactNode; children?: ReactNode }) {
  return (
    <li>
      <span>
        {title}
        <small>{note}</small>
      </span>
      {children}
    </li>
  );
}
