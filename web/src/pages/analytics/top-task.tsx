/** The most expensive task of a day, week or month, and the span before it. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type Span, topTaskQuery } from "../../data/analytics.ts";
import { dateFormat } from "../../format/dates.ts";
import { addDays, formatDay } from "../../format/days.ts";
import { formatMoney } from "../../format/money.ts";
import { formatCount } from "../../format/numbers.ts";
import { textOf } from "../../i18n/text.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { ui } from "../../ui/classes.ts";
import { Money } from "../../ui/money.tsx";
import { Card, Tabs } from "../../ui/parts.tsx";
import { ErrorState, LoadingRows } from "../../ui/states.tsx";
import styles from "./analytics.module.css";
import { spans } from "./route.ts";

const timeFormat = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;

export function TopTask({ day, span, onSpan }: { day: string | undefined; span: Span; onSpan: (span: Span) => void }) {
  const t = textOf("analytics");
  const { data, error } = useQuery(topTaskQuery(span, day));
  const { data: before } = useQuery({
    ...topTaskQuery(span, data === undefined ? undefined : addDays(data.from, -1)),
    enabled: data !== undefined,
  });
  const previous = (value: string | undefined) => value !== undefined && t("previous", { value });
  return (
    <Card
      title={t("top")}
      note={
        data !== undefined && (
          <span className={ui.wideOnly}>
            {data.from === data.to ? formatDay(data.from) : `${formatDay(data.from)} – ${formatDay(data.to)}`}
          </span>
        )
      }
      action={
        <Tabs
          label={t("span")}
          value={span}
          options={spans.map((one) => ({ value: one, text: t(`span.${one}`) }))}
          onChange={onSpan}
        />
      }
    >
      {error !== null && data === undefined ? (
        <ErrorState error={error} />
      ) : data === undefined ? (
        <LoadingRows rows={6} />
      ) : (
        <div className={styles.top}>
          {data.task === null ? (
            <p className={ui.hint}>{t("noTop")}</p>
          ) : (
            <>
              <Money minor={data.task.rewardMinor} currency={data.currency} size="big" />
              <Link to="/tasks/$taskId" params={{ taskId: data.task.id }} className={styles.taskName}>
                {data.task.jiraId !== null && <small>{data.task.jiraId}</small>} {data.task.title ?? data.task.id}
              </Link>
              <span className={styles.doneBy}>
                <Avatar id={data.task.userId} size={20} />
                {t("doneBy", {
                  name: data.task.name ?? "",
                  time: dateFormat(timeFormat).format(new Date(data.task.completedAt)),
                })}
              </span>
            </>
          )}
          <dl className={styles.counts}>
            <div>
              <dt>{t("done")}</dt>
              <dd className="num">{formatCount(data.doneCount)}</dd>
              <dd className={ui.hint}>{previous(before && formatCount(before.doneCount))}</dd>
            </div>
            <div>
              <dt>{t("rewards")}</dt>
              <dd>
                <Money minor={data.totalMinor} currency={data.currency} />
              </dd>
              <dd className={ui.hint}>{previous(before && formatMoney(before.totalMinor, before.currency))}</dd>
            </div>
          </dl>
        </div>
      )}
    </Card>
  );
}
