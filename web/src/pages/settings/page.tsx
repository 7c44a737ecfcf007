import { PageFrame } from "../../app/page-frame.tsx";
import { textOf } from "../../i18n/text.ts";
import { EmptyState } from "../../ui/states.tsx";

export function SettingsPage() {
  const t = textOf("settings");
  return (
    <PageFrame area="team" title={t("title")}>
      <EmptyState title={t("title")} />
    </PageFrame>
  );
}
