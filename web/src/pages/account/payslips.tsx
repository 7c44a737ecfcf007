/** Payslips: the list beside the account, and one as a sheet that can be printed. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { ArrowLeft, Download, Printer } from "lucide-react";
import { PageFrame } from "../../app/page-frame.tsx";
import { entriesQuery, type Payslip } from "../../data/books.ts";
import { useMe } from "../../data/people.ts";
import { formatInstant } from "../../format/dates.ts";
import { formatDay } from "../../format/days.ts";
import { language } from "../../format/language.ts";
import { textOf } from "../../i18n/text.ts";
import { Button, WideLabel } from "../../ui/button.tsx";
import { ui } from "../../ui/classes.ts";
import { LedgerRows } from "../../ui/ledger.tsx";
import { Money } from "../../ui/money.tsx";
import { Card, Chip, Table, type Tone } from "../../ui/parts.tsx";
import { usePrint } from "../../ui/print.ts";
import { More } from "../../ui/more.tsx";
import { LoadingRows } from "../../ui/states.tsx";
import statement from "../../ui/statement.module.css";
import styles from "./account.module.css";

const tones: Record<string, Tone | undefined> = { sent: "pos", failed: "neg", queued: "warn", sending: "warn" };

export function PayslipList({
  items,
  userId,
  onOpen,
}: {
  items: readonly Payslip[] | undefined;
  userId: string | undefined;
  onOpen: (period: number) => void;
}) {
  const t = textOf("account");
  return (
    <Card title={t("payslips")} className={styles.slips ?? ""}>
      {items === undefined ? (
        <LoadingRows rows={4} />
      ) : items.length === 0 ? (
        <p className={styles.none}>{t("noPayslips")}</p>
      ) : (
        <ul>
          {items.map((slip) => (
            <li key={slip.period}>
              <button type="button" onClick={() => onOpen(slip.period)}>
                <span className={styles.slipDay}>
                  {slipDay(slip.label)}
                  <MailChip slip={slip} />
                </span>
                <Money
                  minor={slip.payoutMinor > 0 ? slip.payoutMinor : slip.closingMinor}
                  currency={slip.currency}
                  tone="balance"
                />
                <span className={ui.hint}>{slip.payoutMinor > 0 ? t("paidOut") : t("nothingPaid")}</span>
              </button>
              <a
                className={styles.pdf}
                href={pdfOf(slip.period, userId)}
                aria-label={`${textOf("money")("pdf")}: ${t("payslipOf", { day: slipDay(slip.label) })}`}
              >
                <Download size={15} aria-hidden="true" />
              </a>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function MailChip({ slip }: { slip: Payslip }) {
  const t = textOf("account");
  return (
    <Chip tone={tones[slip.mailStatus ?? ""]} {...(slip.sentAt !== null && { title: formatInstant(slip.sentAt) })}>
      {t(`mail.${slip.mailStatus ?? "none"}`)}
    </Chip>
  );
}

/** `21 November`, from the label of a period. */
export function slipDay(label: string): string {
  const [day = "", part] = label.split("/");
  const name = formatDay(day, { day: "numeric", month: "long" });
  return part === undefined ? name : textOf("money")("part", { day: name, part });
}

const pdfOf = (period: number, userId: string | undefined) =>
  `${userId === undefined ? `/api/my/payslips/${period}.pdf` : `/api/payslips/${period}/${userId}.pdf`}?language=${language}`;

/** One payslip, as it was mailed; made for paper too. */
export function PayslipSheet({
  payslip: slip,
  userId,
  name,
  title,
  onBack,
}: {
  payslip: Payslip;
  userId: string | undefined;
  /** Whose payslip it is. */
  name: string;
  title: string;
  onBack: () => void;
}) {
  const t = textOf("account");
  const money = textOf("money");
  const me = useMe();
  const day = slipDay(slip.label);
  const paid = slip.payoutMinor > 0;
  const lines = entriesQuery({ userId: userId ?? me.userId, period: slip.period }, 500);
  const log = useInfiniteQuery(lines);
  const print = usePrint(lines);
  const entries = log.data?.pages.flatMap((page) => page.items).filter((entry) => entry.kind !== "payout");
  return (
    <PageFrame
      area="money"
      title={title}
      actions={
        <>
          <Button look="ghost" onClick={print}>
            <Printer size={15} aria-hidden="true" />
            <WideLabel>{money("print")}</WideLabel>
          </Button>
          <a className={`${ui.button} ${ui.line}`} href={pdfOf(slip.period, userId)} data-print="no">
            <Download size={15} aria-hidden="true" />
            {money("pdf")}
          </a>
        </>
      }
    >
      <div className={styles.sheet}>
        <Button look="ghost" small onClick={onBack} data-print="no">
          <ArrowLeft size={15} aria-hidden="true" />
          {t("back")}
        </Button>
        <article>
          <h2>
            <b>{name}</b>
            {paid ? t("yourPayout", { day }) : t("yourBalance", { day })}
          </h2>
          <div className={statement.hero}>
            <Money
              minor={paid ? slip.payoutMinor : slip.closingMinor}
              currency={slip.currency}
              size="hero"
              tone="balance"
            />
          </div>
          <dl className={statement.sums}>
            <div>
              <dt>{t("opening")}</dt>
              <dd>
                <Money minor={slip.openingMinor} currency={slip.currency} signed />
              </dd>
            </div>
            <div>
              <dt>{t("credits")}</dt>
              <dd>
                <Money minor={slip.creditsMinor} currency={slip.currency} signed tone="flow" />
              </dd>
            </div>
            <div>
              <dt>{t("debits")}</dt>
              <dd>
                <Money minor={-slip.debitsMinor} currency={slip.currency} signed />
              </dd>
            </div>
            {paid && (
              <div>
                <dt>{t("paidOut")}</dt>
                <dd>
                  <Money minor={-slip.payoutMinor} currency={slip.currency} signed />
                </dd>
              </div>
            )}
            <div className={statement.total}>
              <dt>{t("closing")}</dt>
              <dd>
                <Money minor={slip.closingMinor} currency={slip.currency} />
              </dd>
            </div>
          </dl>
          <h3 className={styles.linesTitle}>{t("lines")}</h3>
          {entries === undefined ? (
            <LoadingRows rows={5} />
          ) : (
            <div className={styles.lines}>
              <Table label={t("lines")}>
                <LedgerRows entries={entries} of={String(slip.period)} time />
              </Table>
            </div>
          )}
          <More of={log} />
          <p className={styles.closedNote}>
            {t("closedNote", { day })} <MailChip slip={slip} />
          </p>
        </article>
      </div>
    </PageFrame>
  );
}
