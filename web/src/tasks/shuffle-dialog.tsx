import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "../api/client.ts";
import { takeShuffle } from "../data/shuffle.ts";
import { countsQuery, priceBoundsQuery } from "../data/tasks.ts";
import { formatMoneyAbout } from "../format/amounts.ts";
import { formatMoney } from "../format/money.ts";
import { textOf } from "../i18n/text.ts";
import { Button } from "../ui/button.tsx";
import { ui } from "../ui/classes.ts";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { showError } from "../ui/toast.ts";
import styles from "./tasks.module.css";

const ABOUT_FROM = 100_000;

/** Says what a shuffle would do before it is done. */
export function ShuffleDialog({ onClose }: { onClose: () => void }) {
  const t = textOf("tasks");
  const d = textOf("task-dialogs");
  const { data: counts } = useQuery({ ...countsQuery, staleTime: 0 });
  const { data: bounds } = useQuery(priceBoundsQuery);
  const queries = useQueryClient();
  // A second one joins the one that runs.
  const shuffle = useMutation({
    mutationFn: () => ask(api.POST("/api/shuffles")),
    onSuccess: (started) => {
      takeShuffle(started);
      void queries.invalidateQueries({ queryKey: ["counts"] });
    },
    onError: showError,
  });
  const start = () => {
    shuffle.mutate();
    onClose();
  };
  const mean = bounds === undefined ? 0 : (bounds.fee.fromMinor + bounds.fee.toMinor) / 2;
  const sum = Math.round(mean * (counts?.open ?? 0));
  const amount =
    sum >= ABOUT_FROM * 100
      ? formatMoneyAbout(sum, bounds?.currency ?? "USD")
      : formatMoney(sum, bounds?.currency ?? "USD", { short: true });
  return (
    <Dialog title={d("shuffle.title")} onClose={onClose}>
      {counts === undefined || bounds === undefined ? (
        <Skeleton width="80%" />
      ) : counts.shuffle !== null ? (
        <p className={styles.consequences}>{d("shuffle.runs", { who: counts.shuffle.startedByName ?? t("system") })}</p>
      ) : counts.eligible === 0 ? (
        <p className={styles.consequences}>{d("shuffle.nobody")}</p>
      ) : counts.open === 0 ? (
        <p className={styles.consequences}>{d("shuffle.nothing")}</p>
      ) : (
        <div className={styles.consequences}>
          <p>
            <b>{d("shuffle.tasks", { count: counts.open })}</b> {d("shuffle.popugs", { count: counts.eligible })}
          </p>
          <p>{d("shuffle.charged", { amount })}</p>
          <p className={ui.hint}>{d("shuffle.about")}</p>
        </div>
      )}
      <DialogActions>
        <Button look="ghost" onClick={onClose}>
          {textOf("ui")("cancel")}
        </Button>
        <Button
          look="primary"
          onClick={start}
          disabled={counts === undefined || counts.open === 0 || counts.eligible === 0}
        >
          {counts?.shuffle ? d("shuffle.join") : d("shuffle.start")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
