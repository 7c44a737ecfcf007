import { useRunningShuffle } from "../data/shuffle.ts";
import { formatCount, formatShare } from "../format/numbers.ts";
import { textOf } from "../i18n/text.ts";
import { Progress } from "../ui/parts.tsx";
import { ui } from "../ui/classes.ts";
import styles from "./shell.module.css";

/** Progress of the running shuffle, wherever one is in the app. */
export function ShuffleProgress() {
  const t = textOf("overlays");
  const shuffle = useRunningShuffle();
  if (shuffle === null) return null;
  const { total, drawn, finished } = shuffle;
  return (
    <section className={styles.shuffle} aria-label={t("shuffle.progress")} data-print="no">
      <p>
        <b>{finished ? t("shuffle.over") : t("shuffle.running")}</b>
        <span>{formatShare(total === 0 ? 1 : Math.floor((drawn / total) * 100) / 100).replace(/[.,]0/, "")}</span>
      </p>
      <p className={ui.hint}>
        {formatCount(drawn)} / {formatCount(total)}
      </p>
      <Progress label={t("shuffle.progress")} value={drawn} max={total} />
    </section>
  );
}
