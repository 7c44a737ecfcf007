/** The account over any days, period by period: on the screen, on paper, as CSV, by mail. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { ArrowLeft, Download, Mail, Printer } from "lucide-react";
import { api, ask } from "../../api/client.ts";
import { PageFrame } from "../../app/page-frame.tsx";
import { statementQuery } from "../../data/books.ts";
import { decimal, saveCsv } from "../../format/csv.ts";
import { formatDay } from "../../format/days.ts";
import { textOf } from "../../i18n/text.ts";
import { Button, WideLabel } from "../../ui/button.tsx";
import { classes, ui } from "../../ui/classes.ts";
import { Money } from "../../ui/money.tsx";
import { Chip, Field, Input, Table } from "../../ui/parts.tsx";
import { usePrint } from "../../ui/print.ts";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import { showError, showToast } from "../../ui/toast.ts";
import styles from "./account.module.css";
import { slipDay } from "./payslips.tsx";

type Range = { from: string; to: string };

/** The day that was chosen counts; the other one gives way. */
const rangeOf = (from: string, to: string, chosen: keyof Range): Range =>
  from <= to ? { from, to } : chosen === "from" ? { from, to: from } : { from: to, to };

export function StatementSheet({
  userId,
  name,
  title,
  range,
  onRange,
  onBack,
}: {
  userId: string;
  name: string;
  title: string;
  range: Range;
  onRange: (range: Range) => void;
  onBack: () => void;
}) {
  const t = textOf("account");
  const money = textOf("money");
  const { data, error, refetch } = useQuery(statementQuery(userId, range));
  const print = usePrint();
  const currency = data?.lines[0]?.currency;
  const mail = useMutation({
    mutationFn: () =>
      ask(api.POST("/api/accounts/{userId}/statement-mails", { params: { path: { userId } }, body: range })),
    onSuccess: () => showToast({ text: t("statementMailed"), note: t("statementMailedAbout") }),
    onError: showError,
  });
  const exportCsv = () =>
    saveCsv(`statement-${range.from}-${range.to}`, [
      t("statementCsv").split(","),
      ...(data?.lines ?? []).map((line) => [
        line.label,
        decimal(line.openingMinor, line.currency),
        decimal(line.creditsMinor, line.currency),
        decimal(line.debitsMinor, line.currency),
        decimal(line.payoutMinor, line.currency),
        decimal(line.closingMinor, line.currency),
        line.currency,
      ]),
    ]);
  return (
    <PageFrame
      area="money"
      title={title}
      actions={
        <>
          <Button look="ghost" disabled={data === undefined} onClick={exportCsv}>
            <Download size={15} aria-hidden="true" />
            <WideLabel>CSV</WideLabel>
          </Button>
          <Button look="ghost" disabled={mail.isPending} onClick={() => mail.mutate()}>
            <Mail size={15} aria-hidden="true" />
            <WideLabel>{t("mailToMe")}</WideLabel>
          </Button>
          <Button look="ghost" onClick={print}>
            <Printer size={15} aria-hidden="true" />
            <WideLabel>{money("print")}</WideLabel>
          </Button>
        </>
      }
    >
      <div className={styles.sheet} data-wide="">
        <Button look="ghost" small onClick={onBack} data-print="no">
          <ArrowLeft size={15} aria-hidden="true" />
          {t("back")}
        </Button>
        <article>
          <h2>
            <b>{name}</b>
            {t("statementOf", {
              from: formatDay(range.from, { dateStyle: "medium" }),
              to: formatDay(range.to, { dateStyle: "medium" }),
            })}
          </h2>
          <div className={styles.range} data-print="no">
            <Field label={t("from")}>
              {(control) => (
                <Input
                  {...control}
                  type="date"
                  value={range.from}
                  onChange={({ target }) => target.value !== "" && onRange(rangeOf(target.value, range.to, "from"))}
                />
              )}
            </Field>
            <Field label={t("to")}>
              {(control) => (
                <Input
                  {...control}
                  type="date"
                  value={range.to}
                  onChange={({ target }) => target.value !== "" && onRange(rangeOf(range.from, target.value, "to"))}
                />
              )}
            </Field>
          </div>
          {error !== null ? (
            <ErrorState error={error} retry={() => void refetch()} />
          ) : data === undefined ? (
            <LoadingRows />
          ) : currency === undefined ? (
            <EmptyState title={t("statementEmpty")}>{t("statementEmptyAbout")}</EmptyState>
          ) : (
            <div className={styles.lines}>
              <Table label={t("statement")}>
                <thead>
                  <tr>
                    <th>{money("day")}</th>
                    <th className={classes(ui.right, ui.wideOnly)}>{t("opening.short")}</th>
                    <th className={ui.right}>{t("credits.short")}</th>
                    <th className={ui.right}>{t("debits.short")}</th>
                    <th className={classes(ui.right, ui.wideOnly)}>{t("paidOut")}</th>
                    <th className={ui.right}>{money("balance")}</th>
                  </tr>
                </thead>
                <tbody>
                  {data.lines.map((line) => (
                    <tr key={line.period}>
                      <td>
                        {slipDay(line.label)} {!line.closed && <Chip>{t("notClosed")}</Chip>}
                      </td>
                      <td className={classes(ui.right, ui.wideOnly)}>
                        <Money minor={line.openingMinor} currency={currency} />
                      </td>
                      <td className={ui.right}>
                        <Money minor={line.creditsMinor} currency={currency} signed tone="flow" />
                      </td>
                      <td className={ui.right}>
                        <Money minor={-line.debitsMinor} currency={currency} signed />
                      </td>
                      <td className={classes(ui.right, ui.wideOnly)}>
                        <Money minor={-line.payoutMinor} currency={currency} signed />
                      </td>
                      <td className={ui.right}>
                        <Money minor={line.closingMinor} currency={currency} tone="balance" />
                      </td>
                    </tr>
                  ))}
                </tbody>
                <tfoot>
                  <tr>
                    <th scope="row">{t("whole")}</th>
                    <td className={classes(ui.right, ui.wideOnly)}>
                      <Money minor={data.openingMinor} currency={currency} />
                    </td>
                    <td className={ui.right}>
                      <Money minor={data.creditsMinor} currency={currency} signed tone="flow" />
                    </td>
                    <td className={ui.right}>
                      <Money minor={-data.debitsMinor} currency={currency} signed />
                    </td>
                    <td className={classes(ui.right, ui.wideOnly)}>
                      <Money minor={-data.payoutMinor} currency={currency} signed />
                    </td>
                    <td className={ui.right}>
                      <Money minor={data.closingMinor} currency={currency} tone="balance" />
                    </td>
                  </tr>
                </tfoot>
              </Table>
            </div>
          )}
        </article>
      </div>
    </PageFrame>
  );
}
