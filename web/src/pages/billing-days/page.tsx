import { PageFrame } from "../../app/page-frame.tsx";
import { textOf } from "../../i18n/text.ts";
import { EmptyState } from "../../ui/states.tsx";

export function BillingDaysPage() {
  const t = textOf("billing-days");
  return (
    <PageFrame area="money" title={t("title")}>
      <EmptyState title={t("title")} />
    </PageFrame>
  );
}
