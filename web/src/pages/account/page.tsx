import { useInfiniteQuery, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CalendarRange, Download, Printer } from "lucide-react";
import { PageFrame } from "../../app/page-frame.tsx";
import { entriesQuery, payslipsQuery } from "../../data/books.ts";
import { accountQuery, type EntryFilter } from "../../data/money.ts";
import { useToday } from "../../data/business-day.ts";
import { useMe } from "../../data/people.ts";
import { addDays, formatDay } from "../../format/days.ts";
import { formatMoney } from "../../format/money.ts";
import { textOf } from "../../i18n/text.ts";
import { Button, WideLabel } from "../../ui/button.tsx";
import { classes, ui } from "../../ui/classes.ts";
import { DayPicker } from "../../ui/day-picker.tsx";
import { KindSelect, LedgerRows } from "../../ui/ledger.tsx";
import { saveEntries } from "../../ui/ledger-csv.ts";
import { Menu } from "../../ui/menu.tsx";
import { Money } from "../../ui/money.tsx";
import { Card, Chip, Table } from "../../ui/parts.tsx";
import { usePrint } from "../../ui/print.ts";
import { More } from "../../ui/more.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import { showError } from "../../ui/toast.ts";
import statement from "../../ui/statement.module.css";
import styles from "./account.module.css";
import { MyPayDetails, PayDetailsOf } from "./pay-details.tsx";
import { MyPayouts } from "./payouts.tsx";
import { PayslipList, PayslipSheet } from "./payslips.tsx";
import { type AccountSearch, accountRoute, accountOfRoute } from "./route.ts";
import { StatementSheet } from "./statement.tsx";
import { WriteOffs } from "./write-offs.tsx";

export function AccountPage() {
  return <Account userId={undefined} search={accountRoute.useSearch()} />;
}

export function AccountOfPage() {
  const { userId } = accountOfRoute.useParams();
  return <Account userId={userId} search={accountOfRoute.useSearch()} />;
}

function Account({ userId, search }: { userId: string | undefined; search: AccountSearch }) {
  const t = textOf("account");
  const money = textOf("money");
  const navigate = useNavigate();
  const { data: account } = useSuspenseQuery(accountQuery(userId));
  const isAccountant = useMe().roles.includes("accountant");
  const { data: payslips } = useQuery(payslipsQuery(userId));
  const today = useToday();
  const change = (next: Partial<AccountSearch>) =>
    void navigate({ to: ".", search: { ...search, ...next }, replace: true });
  const title = userId === undefined ? t("title") : t("of", { name: account.name });
  const shown = payslips?.items.find((one) => one.period === search.payslip);
  const { day, kind } = search;
  const filter = {
    userId: account.userId,
    ...(day !== undefined && { day }),
    ...(kind !== undefined && { kind }),
  };
  const range = search.from !== undefined && search.to !== undefined ? { from: search.from, to: search.to } : undefined;
  const print = usePrint(entriesQuery(filter), shown === undefined && range === undefined);
  if (range !== undefined) {
    return (
      <StatementSheet
        userId={account.userId}
        name={account.name}
        title={title}
        range={range}
        onRange={change}
        onBack={() => change({ from: undefined, to: undefined })}
      />
    );
  }
  if (search.payslip !== undefined && shown !== undefined) {
    return (
      <PayslipSheet
        payslip={shown}
        userId={userId}
        name={account.name}
        title={title}
        onBack={() => change({ payslip: undefined })}
      />
    );
  }
  const { currency } = account;
  const exportCsv = () => saveEntries(`${account.login}-${day ?? "all"}`, filter).catch(showError);
  return (
    <PageFrame
      area="money"
      title={title}
      actions={
        <>
          <Menu
            trigger={
              <Button look="ghost">
                <Download size={15} aria-hidden="true" />
                <WideLabel>{money("export")}</WideLabel>
              </Button>
            }
            items={[
              { text: money("csv"), icon: <Download size={15} />, run: () => void exportCsv() },
              {
                text: t("statement"),
                icon: <CalendarRange size={15} />,
                run: () => change({ from: addDays(today ?? "", -29), to: today }),
                disabled: today === undefined,
              },
              { text: money("print"), icon: <Printer size={15} />, run: print },
            ]}
          />
          {today !== undefined && (
            <DayPicker day={search.day} today={today} onPick={(day) => change({ day: day ?? today })} />
          )}
        </>
      }
    >
      <section className={statement.lead} data-print="flow">
        <div>
          {userId === undefined && (
            <p hidden data-print="only">
              {account.name}
            </p>
          )}
          {userId !== undefined && <p className={classes(ui.narrowOnly, styles.whose)}>{account.name}</p>}
          <div className={ui.label}>{t("balance")}</div>
          <div className={statement.hero}>
            <Money minor={account.balanceMinor} currency={currency} size="hero" tone="balance" />
          </div>
          <Chip tone={account.earnedTodayMinor > 0 ? "pos" : undefined}>
            {t("earnedToday", { amount: formatMoney(account.earnedTodayMinor, currency, { signed: true }) })}
          </Chip>
        </div>
        <dl className={statement.sums}>
          <div>
            <dt>{t("carried")}</dt>
            <dd>
              <Money minor={account.openingMinor} currency={currency} signed />
            </dd>
          </div>
          <div>
            <dt>{t("credits")}</dt>
            <dd>
              <Money minor={account.creditsMinor} currency={currency} signed tone="flow" />
            </dd>
          </div>
          <div>
            <dt>{t("debits")}</dt>
            <dd>
              <Money minor={-account.debitsMinor} currency={currency} signed />
            </dd>
          </div>
          <div className={statement.total}>
            <dt>
              {account.balanceMinor > 0 ? t("willPay") : account.balanceMinor < 0 ? t("willCarry") : t("nothingYet")}
            </dt>
            <dd>
              <Money minor={account.balanceMinor} currency={currency} tone="balance" />
            </dd>
          </div>
        </dl>
      </section>
      <section className={styles.split}>
        <AuditLog filter={filter} search={search} today={today} onChange={change} />
        <div className={styles.side}>
          {userId === undefined ? <MyPayDetails /> : isAccountant && <PayDetailsOf userId={userId} />}
          {userId === undefined ? <MyPayouts /> : <WriteOffs account={account} />}
          <PayslipList items={payslips?.items} userId={userId} onOpen={(payslip) => change({ payslip })} />
        </div>
      </section>
    </PageFrame>
  );
}

function AuditLog({
  filter,
  search,
  today,
  onChange,
}: {
  filter: EntryFilter;
  search: AccountSearch;
  today: string | undefined;
  onChange: (next: Partial<AccountSearch>) => void;
}) {
  const t = textOf("account");
  const money = textOf("money");
  const { day, kind } = search;
  const log = useInfiniteQuery(entriesQuery(filter));
  const { data, error, refetch } = log;
  const entries = data?.pages.flatMap((page) => page.items);
  const filtered = day !== undefined || kind !== undefined;
  return (
    <Card
      className={styles.log ?? ""}
      title={t("log")}
      note={day === undefined ? t("all") : day === today ? money("todayIs", { day: formatDay(day) }) : formatDay(day)}
      action={
        <div className={styles.filters} data-print="no">
          {filtered && (
            <Button look="ghost" small onClick={() => onChange({ day: undefined, kind: undefined })}>
              {money("clear")}
            </Button>
          )}
          <KindSelect kind={kind} onKind={(next) => onChange({ kind: next })} />
        </div>
      }
    >
      {error !== null && entries === undefined ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : entries === undefined ? (
        <LoadingRows />
      ) : entries.length === 0 ? (
        <EmptyState title={filtered ? t("emptyFilter") : t("empty")}>
          {filtered ? undefined : t("emptyAbout")}
        </EmptyState>
      ) : (
        <>
          <Table label={t("log")}>
            <LedgerRows
              entries={entries}
              of={JSON.stringify(filter)}
              time
              heading={(entry, previous) =>
                entry.label !== previous?.label && (
                  <tr className={styles.day}>
                    <th colSpan={4} scope="rowgroup">
                      <button type="button" onClick={() => onChange({ day: entry.label.slice(0, 10) })}>
                        {dayName(entry.label)}
                      </button>
                    </th>
                  </tr>
                )
              }
            />
          </Table>
          <More of={log} />
        </>
      )}
    </Card>
  );
}

/** `21 November`, or with its part after an early close. */
function dayName(label: string): string {
  const [day = "", part] = label.split("/");
  const name = formatDay(day, { weekday: "short", day: "numeric", month: "long" });
  return part === undefined ? name : textOf("money")("part", { day: name, part });
}
