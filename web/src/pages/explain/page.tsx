import { PageFrame } from "../../app/page-frame.tsx";
import { textOf } from "../../i18n/text.ts";
import { EmptyState } from "../../ui/states.tsx";

export function ExplainPage() {
  const t = textOf("explain");
  return (
    <PageFrame area="operations" title={t("title")}>
      <EmptyState title={t("title")} />
    </PageFrame>
  );
}
