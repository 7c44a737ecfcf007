import { formatTime } from "../format/dates.ts";
import { formatTenths } from "../format/numbers.ts";
import { textOf } from "../i18n/text.ts";
import { useLive } from "../live/stream.ts";
import styles from "./shell.module.css";

/** How fresh what is on the screen is; honest when the stream is lost. */
export function LiveMark() {
  const t = textOf("shell");
  const live = useLive();
  const text =
    live.now === "connecting"
      ? t("live.connecting")
      : live.now === "lost"
        ? t("live.lost", { time: formatTime(new Date(live.since)) })
        : live.lag === null
          ? t("live.now")
          : t("live.lag", { seconds: formatTenths(live.lag) });
  return (
    <span className={styles.live} data-now={live.now} role="status" title={text}>
      {text}
    </span>
  );
}
