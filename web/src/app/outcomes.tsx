/** What stands in the place of a page that is not there yet, or not at all. */
import { Link, useRouter } from "@tanstack/react-router";
import { textOf } from "../i18n/text.ts";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states.tsx";
import { ui } from "../ui/classes.ts";

export function NotFound() {
  const t = textOf("ui");
  return (
    <EmptyState
      title={t("notFound")}
      action={
        <Link to="/" className={`${ui.button} ${ui.line}`}>
          {textOf("shell")("home")}
        </Link>
      }
    >
      {t("notFoundAbout")}
    </EmptyState>
  );
}

export function PageError({ error }: { error: unknown }) {
  const router = useRouter();
  return <ErrorState error={error} retry={() => void router.invalidate()} />;
}

export const PagePending = () => <LoadingRows />;
