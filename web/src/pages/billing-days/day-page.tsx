/** One billing day: its state, its sealed totals, its payouts and payslips. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, Printer } from "lucide-react";
import { PageFrame } from "../../app/page-frame.tsx";
import { entriesQuery, payslipCountsQuery, type Period, periodQuery, trialBalanceQuery } from "../../data/books.ts";
import { payoutFilesQuery, payoutsQuery, payoutSumsQuery } from "../../data/payouts.ts";
import { useBillingZone } from "../../data/business-day.ts";
import { useMay } from "../../data/people.ts";
import { dateFormat } from "../../format/dates.ts";
import { formatMoney } from "../../format/money.ts";
import { formatCount } from "../../format/numbers.ts";
import { textOf } from "../../i18n/text.ts";
import { Button, ButtonLink, WideLabel } from "../../ui/button.tsx";
import { ui } from "../../ui/classes.ts";
import { LedgerRows } from "../../ui/ledger.tsx";
import { Money } from "../../ui/money.tsx";
import { Card, Chip, Table } from "../../ui/parts.tsx";
import { periodTone } from "../../ui/period-tone.ts";
import { usePrint } from "../../ui/print.ts";
import { More } from "../../ui/more.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import statement from "../../ui/statement.module.css";
import styles from "./billing-days.module.css";
import { CloseNow } from "./close-now.tsx";
import { Payouts } from "./payouts.tsx";
import { CheckMark, PayslipState, periodName, Waiting } from "./parts.tsx";
import { billingDayRoute } from "./route.ts";

export function BillingDayPage() {
  const t = textOf("billing-days");
  const money = textOf("money");
  const number = Number(billingDayRoute.useParams().period);
  const { data: period, error, refetch } = useQuery(periodQuery(number));
  const print = usePrint(
    period?.status === "closed" ? payoutsQuery(number, undefined) : entriesQuery({ period: number }),
  );
  return (
    <PageFrame
      area="money"
      title={period === undefined ? t("title") : periodName(period)}
      actions={
        <>
          <Button look="ghost" onClick={print}>
            <Printer size={15} aria-hidden="true" />
            <WideLabel>{money("print")}</WideLabel>
          </Button>
          {period?.status === "open" && <CloseNow period={period} />}
        </>
      }
    >
      <div className={styles.back} data-print="no">
        <ButtonLink to="/billing-days" look="ghost" small>
          <ArrowLeft size={15} aria-hidden="true" />
          {t("back")}
        </ButtonLink>
      </div>
      {error !== null && period === undefined ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : period === undefined ? (
        <LoadingRows />
      ) : (
        <Day period={period} />
      )}
    </PageFrame>
  );
}

function Day({ period }: { period: Period }) {
  const t = textOf("billing-days");
  const money = textOf("money");
  const zone = useBillingZone();
  const isAdmin = useMay("admin");
  const at = (instant: string) =>
    dateFormat({
      ...{ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
      ...(zone !== undefined && { timeZone: zone, timeZoneName: "short" }),
    }).format(new Date(instant));
  const { totals, currency, opening } = period;
  return (
    <>
      <section className={statement.lead}>
        <div>
          <h2 className={ui.label}>
            {totals === null ? money(`status.${period.status}`) : t("earned")}
            <Chip tone={periodTone[period.status]}>{money(`status.${period.status}`)}</Chip>
            {period.archivedAt !== null && <Chip>{t("archived")}</Chip>}
          </h2>
          {totals !== null && (
            <div className={statement.hero}>
              <Money minor={totals.earnedMinor} currency={currency} size="hero" />
            </div>
          )}
          {period.status === "closed" && <CheckMark period={period} words />}
          {period.status === "closing" && (
            <>
              <h3 className={styles.waitsTitle}>{t("waiting")}</h3>
              <Waiting period={period} />
              {isAdmin && period.waitingFor.some((one) => one.kind === "dead-letter") && (
                <Link to="/dead-letters" className={styles.link}>
                  {t("deadLetters")}
                </Link>
              )}
            </>
          )}
        </div>
        <dl className={statement.sums}>
          {totals !== null && (
            <>
              <Fact name={t("fees")}>
                <Money minor={totals.feesMinor} currency={currency} signed />
              </Fact>
              <Fact name={t("rewards")}>
                <Money minor={-totals.rewardsMinor} currency={currency} signed />
              </Fact>
              <Fact name={t("paidOut")}>
                <Money minor={totals.paidOutMinor} currency={currency} />
              </Fact>
              {totals.returnedMinor > 0 && (
                <Fact name={t("returned")}>
                  <Money minor={totals.returnedMinor} currency={currency} />
                </Fact>
              )}
              {totals.writtenOffMinor > 0 && (
                <Fact name={t("writtenOff")}>
                  <Money minor={totals.writtenOffMinor} currency={currency} />
                </Fact>
              )}
              <Fact name={`${t("carried")}, ${money("popugs", { count: totals.negativeCount })}`}>
                <Money minor={totals.carriedMinor} currency={currency} tone="balance" />
              </Fact>
              <Fact name={t("accounts")}>{formatCount(totals.accountCount)}</Fact>
              <Fact name={`${t("entries")}, ${t("ofThemPayouts", { count: totals.payoutCount })}`}>
                {formatCount(totals.entryCount)}
              </Fact>
              {totals.discardedCount > 0 && <Fact name={t("discarded")}>{formatCount(totals.discardedCount)}</Fact>}
            </>
          )}
          {opening !== null && (
            <Fact name={t("opening")}>
              {t("openedAccounts", {
                amount: formatMoney(opening.openingsMinor, currency),
                count: opening.accountCount,
              })}
            </Fact>
          )}
          <Fact name={t("began")}>{at(period.beganAt)}</Fact>
          {period.closedAt === null ? (
            <Fact name={t("ends")}>{at(period.endsAt)}</Fact>
          ) : (
            <Fact name={t("closed")}>{at(period.closedAt)}</Fact>
          )}
          {period.archivedAt !== null && <Fact name={t("archivedOn")}>{at(period.archivedAt)}</Fact>}
        </dl>
      </section>
      {period.check !== null && !period.check.ok && (
        <Card title={t("findings")} className={styles.findings ?? ""}>
          <ul>
            {period.check.findings.map((finding) => (
              <li key={finding}>{finding}</li>
            ))}
          </ul>
        </Card>
      )}
      {period.archivedAt !== null && <p className={styles.archived}>{t("archivedAbout")}</p>}
      {period.status === "closed" ? (
        <ClosedLists period={period} />
      ) : (
        <>
          <Lines period={period} />
          <TrialBalance period={period} />
        </>
      )}
    </>
  );
}

/** What became of a closed day. All of it comes at once: one list after the other they would move each other. */
function ClosedLists({ period }: { period: Period }) {
  const t = textOf("billing-days");
  const { number } = period;
  const lists = [
    useQuery(payslipCountsQuery(number, number)),
    useQuery(payoutFilesQuery(number)),
    useQuery(payoutSumsQuery(number)),
    useInfiniteQuery(payoutsQuery(number, undefined)),
    useQuery(trialBalanceQuery(number)),
  ];
  if (!lists.every((one) => one.isFetched)) return <LoadingRows />;
  return (
    <>
      <PayoutCard period={period} />
      <TrialBalance period={period} />
      {period.seal !== null && (
        <p className={styles.seal}>
          <b>{t("seal")}</b> <code>{period.seal}</code>
          <span className={ui.hint}>{t("sealAbout")}</span>
        </p>
      )}
    </>
  );
}

const Fact = ({ name, children }: { name: string; children: React.ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd className="num">{children}</dd>
  </div>
);

/** The payouts of a closed day, with its payslips. */
function PayoutCard({ period }: { period: Period }) {
  const t = textOf("billing-days");
  const { data: counts } = useQuery(payslipCountsQuery(period.number, period.number));
  return (
    <Card
      title={t("payouts")}
      note={period.totals === null ? undefined : t("payoutsCount", { count: period.totals.payoutCount })}
      action={
        <div className={styles.cardEnd}>
          <span className={ui.hint}>{t("payslips")}:</span>
          <PayslipState period={period.number} counts={counts?.items[0]} />
          <ButtonLink
            to="/company"
            search={{ day: period.businessDate, ledger: "all" }}
            look="ghost"
            small
            data-print="no"
          >
            {t("ledger")}
          </ButtonLink>
        </div>
      }
    >
      <Payouts period={period} />
    </Card>
  );
}

/** What the period debited and credited, by kind of account: both sides are one sum, or the books are wrong. */
function TrialBalance({ period }: { period: Period }) {
  const t = textOf("billing-days");
  const { data, error, refetch } = useQuery(trialBalanceQuery(period.number));
  const moved = data?.items.filter((one) => one.debitsMinor !== 0 || one.creditsMinor !== 0) ?? [];
  if (error === null && data !== undefined && moved.length === 0) return null;
  return (
    <Card title={t("trialBalance")} note={t("trialBalanceAbout")} className={styles.trial ?? ""}>
      {error !== null ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <LoadingRows rows={4} />
      ) : (
        <Table label={t("trialBalance")}>
          <thead>
            <tr>
              <th>{t("ledgerAccount")}</th>
              <th className={ui.right}>{t("debit")}</th>
              <th className={ui.right}>{t("credit")}</th>
            </tr>
          </thead>
          <tbody>
            {moved.map((one) => (
              <tr key={one.account}>
                <td className={ui.fill}>{t(`account.${one.account}`)}</td>
                <td className={ui.right}>
                  <Money minor={one.debitsMinor} currency={data.currency} />
                </td>
                <td className={ui.right}>
                  <Money minor={one.creditsMinor} currency={data.currency} />
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{t("bothSides")}</th>
              <td className={ui.right}>
                <Money minor={data.debitsMinor} currency={data.currency} />
              </td>
              <td className={ui.right}>
                <Money minor={data.creditsMinor} currency={data.currency} />
              </td>
            </tr>
          </tfoot>
        </Table>
      )}
    </Card>
  );
}

/** The lines of a day that is not closed yet. */
function Lines({ period }: { period: Period }) {
  const t = textOf("billing-days");
  const log = useInfiniteQuery(entriesQuery({ period: period.number }));
  const { data, error, refetch } = log;
  const entries = data?.pages.flatMap((page) => page.items);
  return (
    <Card title={t("ledger")}>
      {error !== null && entries === undefined ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : entries === undefined ? (
        <LoadingRows />
      ) : entries.length === 0 ? (
        <EmptyState title={textOf("money")("entry")} />
      ) : (
        <Table label={t("ledger")}>
          <LedgerRows entries={entries} of={String(period.number)} person />
        </Table>
      )}
      <More of={log} />
    </Card>
  );
}
