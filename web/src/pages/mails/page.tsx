import { PageFrame } from "../../app/page-frame.tsx";
import { textOf } from "../../i18n/text.ts";
import { EmptyState } from "../../ui/states.tsx";

export function MailsPage() {
  const t = textOf("mails");
  return (
    <PageFrame area="operations" title={t("title")}>
      <EmptyState title={t("title")} />
    </PageFrame>
  );
}
