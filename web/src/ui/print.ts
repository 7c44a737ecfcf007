/** Lists on paper: all of their lines, not only those that the screen has asked for. */
import { type InfiniteData, type QueryKey, useQueryClient } from "@tanstack/react-query";
import { textOf } from "../i18n/text.ts";
import { useShortcuts } from "../keys/keyboard.ts";
import { showError, showToast } from "./toast.ts";

/** Pages of a list that are brought at most: nobody prints more, and the CSV holds all. */
const MAX_PAGES = 100;

/** Options of a list in pages, as `infiniteQueryOptions` makes them. */
type Pages = {
  queryKey: QueryKey;
  queryFn?: unknown;
  initialPageParam: string | null;
  getNextPageParam: unknown;
};

/** Prints, by Mod+P too while `active`, once all of the list is there; without a list at once. */
export function usePrint(list?: Pages, active = true): () => void {
  const queries = useQueryClient();
  const t = textOf("money");
  const whole = async () => {
    if (list !== undefined) {
      type Page = { nextCursor: string | null };
      const options = { ...list, pages: MAX_PAGES, staleTime: 0 };
      const { pages }: InfiniteData<Page> = await queries.fetchInfiniteQuery(
        options as unknown as Parameters<typeof queries.fetchInfiniteQuery<Page>>[0],
      );
      if (pages.at(-1)?.nextCursor !== null) showToast({ text: t("printedInPart") });
      // The lines are on the page after the next frame.
      await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
    }
    print();
  };
  const run = () => void whole().catch(showError);
  useShortcuts([{ keys: "Mod+KeyP", label: t("print"), inFields: true, run }], active);
  return run;
}
