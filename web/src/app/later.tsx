/** What nobody needs before the first page is there: keys, messages, tooltips, the progress of a shuffle, and news of changes. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { businessDayQuery } from "../data/business-day.ts";
import { followPendingEntries } from "../data/pending-entries.ts";
import { useMe } from "../data/people.ts";
import { followShuffles } from "../data/shuffle.ts";
import { textOf } from "../i18n/text.ts";
import { useShortcuts } from "../keys/keyboard.ts";
import { onKey } from "../keys/listening.ts";
import { followChanges } from "../live/follow.ts";
import { keepFresh } from "../live/refresh.ts";
import { runNewestAction } from "../ui/toast.ts";
import { Toasts } from "../ui/toasts.tsx";
import { Tooltips } from "../ui/tooltip.tsx";
import { ShuffleProgress } from "./shuffle-progress.tsx";

export default function Later() {
  const queries = useQueryClient();
  const { userId } = useMe();
  useShortcuts([{ keys: "Mod+KeyZ", label: textOf("overlays")("keys.undo"), run: runNewestAction }]);
  useEffect(() => {
    const end = new AbortController();
    addEventListener("keydown", onKey, { signal: end.signal });
    void queries.prefetchQuery(businessDayQuery);
    followChanges(end.signal);
    const stops = [keepFresh(queries), followShuffles(queries), followPendingEntries(queries, userId)];
    return () => {
      for (const stop of stops) stop();
      end.abort();
    };
  }, [queries, userId]);
  return (
    <>
      <ShuffleProgress />
      <Toasts />
      <Tooltips />
    </>
  );
}
