import { textOf } from "../i18n/text.ts";
import { Button } from "./button.tsx";
import { ui } from "./classes.ts";

type Paged = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };

/** Brings the next page of a list; nothing when this is all. */
export function More({ of }: { of: Paged }) {
  if (!of.hasNextPage) return null;
  return (
    <div className={ui.more} data-print="no">
      <Button look="ghost" disabled={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}>
        {textOf("ui")("more")}
      </Button>
    </div>
  );
}
