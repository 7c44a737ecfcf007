/** The four states of a page besides its content: loading, empty, error, no rights. */
import { CloudOff, Inbox, LockKeyhole, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Problem } from "../api/problem.ts";
import { textOf } from "../i18n/text.ts";
import { Button } from "./button.tsx";
import { ui } from "./classes.ts";
import { Skeleton } from "./skeleton.tsx";

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

/** What went wrong in words, with the request's id and a way to try again. Problem 403 becomes `NoRights`, an archived day its explanation. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = textOf("ui");
  const problem = error instanceof Problem ? error : undefined;
  if (problem?.status === 403) return <NoRights />;
  if (problem?.code === "period-archived") {
    return (
      <div className={ui.state}>
        <Inbox {...icon} />
        <h2>{t("archived")}</h2>
        <p>{t("archivedAbout")}</p>
      </div>
    );
  }
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

/** Codes of problems for which we have words of our own. */
const TOLD = ["no-answer", "database-unavailable", "too-many-requests", "internal-error", "invalid-request"] as const;
/** Answers to what people do, whose words come with the dialogs that do it. */
const TOLD_LATER = [
  ...(["weak-password", "no-password", "busy", "login-taken", "last-admin", "own-roles"] as const),
  ...(["bad-passkey", "too-many-passkeys", "too-many-tokens"] as const),
];

/** An error in the reader's words: by the problem's code where we have some, else as the server says it. */
export function explain(error: unknown): string {
  const t = textOf("ui");
  if (!(error instanceof Problem)) return t("error.unknown");
  const told = TOLD.find((code) => code === error.code);
  if (told !== undefined) return t(`error.${told}`);
  const later = TOLD_LATER.find((code) => code === error.code);
  if (later !== undefined) return textOf("overlays")(`error.${later}`);
  return error.status === 404 ? t("error.not-found") : error.message || t("error.unknown");
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
