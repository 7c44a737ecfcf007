import { useQuery } from "@tanstack/react-query";
import { useShuffle } from "../data/shuffle.ts";
import { countsQuery, priceBoundsQuery } from "../data/tasks.ts";
import { formatMoney, formatMoneyAbout } from "../format/money.ts";
import { textOf } from "../i18n/text.ts";
import { Button } from "../ui/button.tsx";
import { ui } from "../ui/classes.ts";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { Skeleton } from "../ui/parts.tsx";
import styles from "./tasks.module.css";

const ABOUT_FROM = 100_000;

/** Says what a shuffle would do before it is done. */
export function ShuffleDialog({ onClose }: { onClose: () => void }) {
  const t = textOf("tasks");
  const { data: counts } = useQuery({ ...countsQuery, staleTime: 0 });
  const { data: bounds } = useQuery(priceBoundsQuery);
  const shuffle = useShuffle();
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
    <Dialog title={t("shuffle.title")} onClose={onClose}>
      {counts === undefined || bounds === undefined ? (
        <Skeleton width="80%" />
      ) : counts.shuffle !== null ? (
        <p className={styles.consequences}>{t("shuffle.runs", { who: counts.shuffle.startedByName ?? t("system") })}</p>
      ) : counts.eligible === 0 ? (
        <p className={styles.consequences}>{t("shuffle.nobody")}</p>
      ) : counts.open === 0 ? (
        <p className={styles.consequences}>{t("shuffle.nothing")}</p>
      ) : (
        <div className={styles.consequences}>
          <p>
            <b>{t("shuffle.tasks", { count: counts.open })}</b> {t("shuffle.popugs", { count: counts.eligible })}
          </p>
          <p>{t("shuffle.charged", { amount })}</p>
          <p className={ui.hint}>{t("shuffle.about")}</p>
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
          {counts?.shuffle ? t("shuffle.join") : t("shuffle.start")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
