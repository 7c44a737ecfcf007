import { PageFrame } from "../../app/page-frame.tsx";
import { textOf } from "../../i18n/text.ts";
import { EmptyState } from "../../ui/states.tsx";

export function CompanyPage() {
  const t = textOf("company");
  return (
    <PageFrame area="money" title={t("title")}>
      <EmptyState title={t("title")} />
    </PageFrame>
  );
}
