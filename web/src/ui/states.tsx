/** The four states of a page besides its content: loading, empty, error, no rights. */
import { CloudOff, Inbox, LockKeyhole, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Problem } from "../api/problem.ts";
import { textOf } from "../i18n/text.ts";
import { Button } from "./button.tsx";
import { ui } from "./classes.ts";
import { Skeleton } from "./parts.tsx";

const icon = { size: 28, strokeWidth: 1.5, "aria-hidden": true } as const;

/** Says what is not there and what to do next: `<EmptyState title=… action={<Button …/>}>One sentence.</EmptyState>`. */
export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={ui.state}>
      <Inbox {...icon} />
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {action}
    </div>
  );
}

export function NoRights({ children }: { children?: ReactNode }) {
  const t = textOf("ui");
  return (
    <div className={ui.state}>
      <LockKeyhole {...icon} />
      <h2>{t("noRights")}</h2>
      <p>{children ?? t("noRightsAbout")}</p>
    </div>
  );
}

/** What went wrong in words, with the request's id and a way to try again. Problem 403 becomes `NoRights`. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = textOf("ui");
  const problem = error instanceof Problem ? error : undefined;
  if (problem?.status === 403) return <NoRights />;
  const Icon = problem?.status === 0 ? CloudOff : TriangleAlert;
  return (
    <div className={ui.state} role="alert">
      <Icon {...icon} />
      <h2>{explain(error)}</h2>
      {problem?.instance !== undefined && <p>{t("requestId", { id: problem.instance })}</p>}
      {retry !== undefined && <Button onClick={retry}>{t("retry")}</Button>}
    </div>
  );
}

/** An error in the reader's words: by the problem's code where we have some, else as the server says it. */
export function explain(error: unknown): string {
  const t = textOf("ui");
  if (!(error instanceof Problem)) return t("error.unknown");
  switch (error.code) {
    case "no-answer":
      return t("error.no-answer");
    case "database-unavailable":
      return t("error.database-unavailable");
    case "too-many-requests":
      return t("error.too-many-requests");
    case "internal-error":
      return t("error.internal-error");
    case "invalid-request":
      return t("error.invalid-request");
    default:
      return error.status === 404 ? t("error.not-found") : error.message || t("error.unknown");
  }
}

type Paged = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };

/** Brings the next page of a list; nothing when this is all. */
export function More({ of }: { of: Paged }) {
  if (!of.hasNextPage) return null;
  return (
    <div className={ui.more} data-print="no">
      <Button look="ghost" disabled={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}>
        {textOf("ui")("more")}
      </Button>
    </div>
  );
}

/** Rows in grey; says "Loading" to a screen reader. */
export function LoadingRows({ rows = 8 }: { rows?: number }) {
  return (
    <div role="status" style={{ display: "grid", gap: 20, padding: "20px 24px" }}>
      <span className="sr">{textOf("ui")("loading")}</span>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} width={`${45 + ((row * 37) % 50)}%`} />
      ))}
    </div>
  );
}
