import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { api, ask } from "../../api/client.ts";
import { PageFrame } from "../../app/page-frame.tsx";
import { payslipCountsQuery, type Period, periodsQuery } from "../../data/books.ts";
import { useBillingZone } from "../../data/business-day.ts";
import { decimal, saveCsv } from "../../format/csv.ts";
import { formatClosing } from "../../format/days.ts";
import { formatCount } from "../../format/numbers.ts";
import { textOf } from "../../i18n/text.ts";
import { Button, WideLabel } from "../../ui/button.tsx";
import { classes, ui } from "../../ui/classes.ts";
import { Money } from "../../ui/money.tsx";
import { Chip, Table } from "../../ui/parts.tsx";
import { periodTone } from "../../ui/period-tone.ts";
import { WithPanel } from "../../ui/side-panel.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import { showError } from "../../ui/toast.ts";
import styles from "./billing-days.module.css";
import { CloseNow } from "./close-now.tsx";
import { CheckMark, PayslipState, periodName, Waiting } from "./parts.tsx";

const SHOWN = 60;

export function BillingDaysPage() {
  const t = textOf("billing-days");
  const money = textOf("money");
  const { data, error, refetch } = useQuery(periodsQuery(SHOWN));
  const periods = data?.items;
  const open = periods?.find((one) => one.status === "open");
  return (
    <PageFrame
      area="money"
      title={t("title")}
      full
      actions={
        <>
          <Button look="ghost" onClick={() => void exportPeriods().catch(showError)}>
            <Download size={15} aria-hidden="true" />
            <WideLabel>{money("export")}</WideLabel>
          </Button>
          {open !== undefined && <CloseNow period={open} />}
        </>
      }
    >
      <WithPanel label={t("title")}>
        {error !== null && periods === undefined ? (
          <ErrorState error={error} retry={() => void refetch()} />
        ) : periods === undefined ? (
          <LoadingRows rows={10} />
        ) : periods.length === 0 ? (
          <EmptyState title={t("empty")}>{t("emptyAbout")}</EmptyState>
        ) : (
          <List periods={periods} />
        )}
      </WithPanel>
    </PageFrame>
  );
}

function List({ periods }: { periods: readonly Period[] }) {
  const t = textOf("billing-days");
  const money = textOf("money");
  const zone = useBillingZone();
  const { data: counts } = useQuery(payslipCountsQuery(periods.at(-1)?.number ?? 1, periods[0]?.number ?? 1));
  return (
    <Table label={t("title")}>
      <thead>
        <tr>
          <th>{t("day")}</th>
          <th className={ui.right}>{t("earned")}</th>
          <th className={classes(ui.right, ui.wideOnly)}>{t("paidOut")}</th>
          <th className={classes(ui.right, ui.wideOnly)}>{t("below")}</th>
          <th className={classes(ui.right, ui.wideOnly)}>{t("carried")}</th>
          <th className={ui.wideOnly}>{t("payslips")}</th>
          <th>{t("check")}</th>
        </tr>
      </thead>
      <tbody>
        {periods.map((one) => (
          <tr key={one.number}>
            <td className={ui.fill}>
              <Link to="/billing-days/$period" params={{ period: String(one.number) }} className={styles.name}>
                {periodName(one)}
                <Chip tone={periodTone[one.status]}>{money(`status.${one.status}`)}</Chip>
                {one.archivedAt !== null && <Chip>{t("archived")}</Chip>}
                {one.status === "closing" && <Waiting period={one} short />}
                {one.status === "open" && zone !== undefined && (
                  <span className={ui.hint}>{t("until", { time: formatClosing(one.endsAt, zone) })}</span>
                )}
              </Link>
            </td>
            <td className={ui.right}>
              {one.totals && <Money minor={one.totals.earnedMinor} currency={one.currency} />}
            </td>
            <td className={classes(ui.right, ui.wideOnly)}>
              {one.totals && <Money minor={one.totals.paidOutMinor} currency={one.currency} />}
            </td>
            <td className={classes(ui.right, ui.wideOnly)}>{one.totals && formatCount(one.totals.negativeCount)}</td>
            <td className={classes(ui.right, ui.wideOnly)}>
              {one.totals && <Money minor={one.totals.carriedMinor} currency={one.currency} />}
            </td>
            <td className={ui.wideOnly}>
              {one.status === "closed" && (
                <PayslipState period={one.number} counts={counts?.items.find((row) => row.period === one.number)} />
              )}
            </td>
            <td>{one.status === "closed" && <CheckMark period={one} />}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

async function exportPeriods(): Promise<void> {
  const { items } = await ask(api.GET("/api/periods", { params: { query: { limit: 500 } } }));
  const [from, to] = [items.at(-1)?.number ?? 1, items[0]?.number ?? 1];
  const { items: counts } = await ask(api.GET("/api/payslips/counts", { params: { query: { from, to } } }));
  saveCsv("billing-days", [
    textOf("billing-days")("csv").split(","),
    ...items.map((one) => {
      const slips = counts.find((row) => row.period === one.number);
      const minor = (value: number | undefined) => (value === undefined ? null : decimal(value, one.currency));
      const count = (value: number | undefined) => (value === undefined ? null : { plain: value });
      return [
        one.label,
        one.status,
        ...[minor(one.totals?.feesMinor), minor(one.totals?.rewardsMinor), minor(one.totals?.earnedMinor)],
        ...[minor(one.totals?.paidOutMinor), count(one.totals?.payoutCount), count(one.totals?.negativeCount)],
        ...[minor(one.totals?.carriedMinor), count(one.totals?.entryCount), count(slips?.sent), count(slips?.failed)],
        one.currency,
        one.seal,
      ];
    }),
  ]);
}
