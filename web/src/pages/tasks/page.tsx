import { PageFrame } from "../../app/page-frame.tsx";
import { textOf } from "../../i18n/text.ts";
import { EmptyState } from "../../ui/states.tsx";

export function TasksPage() {
  const t = textOf("tasks");
  return (
    <PageFrame area="work" title={t("title")}>
      <EmptyState title={t("title")} />
    </PageFrame>
  );
}
