import { PageFrame } from "../../app/page-frame.tsx";
import { textOf } from "../../i18n/text.ts";
import { EmptyState } from "../../ui/states.tsx";

export function PeoplePage() {
  const t = textOf("people");
  return (
    <PageFrame area="team" title={t("title")}>
      <EmptyState title={t("title")} />
    </PageFrame>
  );
}
