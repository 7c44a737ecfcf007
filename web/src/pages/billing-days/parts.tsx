/** What the list and the page of a billing day share. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, Clock3, TriangleAlert } from "lucide-react";
import { api, ask } from "../../api/client.ts";
import type { Period } from "../../data/books.ts";
import { formatInstant } from "../../format/dates.ts";
import { formatDay } from "../../format/days.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { ui } from "../../ui/classes.ts";
import { Chip, Mark } from "../../ui/parts.tsx";
import { showError, showToast } from "../../ui/toast.ts";
import styles from "./billing-days.module.css";

/** `Sat 21 November`, with its part after an early close. */
export function periodName(period: Pick<Period, "businessDate" | "part">): string {
  const day = formatDay(period.businessDate, { weekday: "short", day: "numeric", month: "long" });
  return period.part === 1 ? day : textOf("money")("part", { day, part: period.part });
}

/** Green: the sum of the entries is the sum of the balances, by a recomputation of its own. */
export function CheckMark({ period, words = false }: { period: Period; words?: boolean }) {
  const t = textOf("billing-days");
  const { check } = period;
  const text = check === null ? t("checkWaits") : check.ok ? t("checkOk") : t("checkBad");
  const Icon = check === null ? Clock3 : check.ok ? Check : TriangleAlert;
  return (
    <span className={styles.check} {...(check !== null && { title: `${text}\n${formatInstant(check.checkedAt)}` })}>
      <Mark tone={check === null ? undefined : check.ok ? "pos" : "neg"}>
        <Icon size={13} strokeWidth={2.2} aria-hidden="true" />
      </Mark>
      <span className={words ? undefined : "sr"}>{text}</span>
    </span>
  );
}

type Counts = { total: number; sent: number; failed: number };

/** How many payslips are out; those that failed can be sent again. */
export function PayslipState({ period, counts }: { period: number; counts: Counts | undefined }) {
  const t = textOf("billing-days");
  const queries = useQueryClient();
  const retry = useMutation({
    mutationFn: () => ask(api.POST("/api/payslips/{period}/retry", { params: { path: { period } } })),
    onError: showError,
    onSuccess: ({ count }) => {
      showToast({ text: t("retried", { count }) });
      void queries.invalidateQueries({ queryKey: ["mails"] });
    },
  });
  if (counts === undefined) return null;
  return (
    <span className={styles.slips}>
      <span className={ui.hint}>{t("sentOf", { sent: counts.sent, total: counts.total })}</span>
      {counts.failed > 0 && (
        <>
          <Chip tone="neg">{t("failed", { count: counts.failed })}</Chip>
          <Button look="ghost" small disabled={retry.isPending} onClick={() => retry.mutate()}>
            {t("retry")}
          </Button>
        </>
      )}
    </span>
  );
}

/** What a closing day waits for; `short`: the first of it. */
export function Waiting({ period, short = false }: { period: Period; short?: boolean }) {
  const t = textOf("billing-days");
  const texts = period.waitingFor.map(({ kind, partition = 0, count = 0 }) =>
    kind === "previous-period"
      ? t("waits.previous-period")
      : kind === "barrier"
        ? t("waits.barrier", { partition })
        : t(`waits.${kind}`, { partition, count }),
  );
  if (texts.length === 0) return <span className={ui.hint}>{t("waitsNothing")}</span>;
  if (short) return <span className={ui.hint}>{texts[0]}</span>;
  return (
    <ul className={styles.waits}>
      {texts.map((text) => (
        <li key={text}>
          <Clock3 size={14} aria-hidden="true" />
          {text}
        </li>
      ))}
    </ul>
  );
}
