import { PageFrame } from "../../app/page-frame.tsx";
import { textOf } from "../../i18n/text.ts";
import { EmptyState } from "../../ui/states.tsx";

export function EventFlowPage() {
  const t = textOf("event-flow");
  return (
    <PageFrame area="operations" title={t("title")}>
      <EmptyState title={t("title")} />
    </PageFrame>
  );
}
