import { PageFrame } from "../../app/page-frame.tsx";
import { textOf } from "../../i18n/text.ts";

export function KitchenPage() {
  const t = textOf("kitchen");
  return (
    <PageFrame area="operations" title={t("title")}>
      …
    </PageFrame>
  );
}
