import { useInfiniteQuery, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Download, Printer } from "lucide-react";
import { PageFrame } from "../../app/page-frame.tsx";
import { accountQuery, entriesQuery, payslipsQuery } from "../../data/money.ts";
import { clockQuery, useMe } from "../../data/people.ts";
import { dayIn, formatDay } from "../../format/dates.ts";
import { formatMoney } from "../../format/money.ts";
import { textOf } from "../../i18n/text.ts";
import { businessNow } from "../../live/stream.ts";
import { Button, WideLabel } from "../../ui/button.tsx";
import { ui } from "../../ui/classes.ts";
import { DayPicker } from "../../ui/day-picker.tsx";
import { KindSelect, LedgerRows } from "../../ui/ledger.tsx";
import { saveEntries } from "../../ui/ledger-csv.ts";
import { Menu } from "../../ui/menu.tsx";
import { Money } from "../../ui/money.tsx";
import { Card, Chip, Table } from "../../ui/parts.tsx";
import { EmptyState, ErrorState, LoadingRows, More } from "../../ui/states.tsx";
import { showError } from "../../ui/toast.tsx";
import statement from "../../ui/statement.module.css";
import styles from "./account.module.css";
import { MyPayDetails, PayDetailsOf } from "./pay-details.tsx";
import { MyPayouts } from "./payouts.tsx";
import { PayslipList, PayslipSheet } from "./payslips.tsx";
import type { AccountSearch } from "./route.ts";

const mine = getRouteApi("/shell/account");
const of = getRouteApi("/shell/accounts/$userId");

export function AccountPage() {
  return <Account userId={undefined} search={mine.useSearch()} />;
}

export function AccountOfPage() {
  const { userId } = of.useParams();
  return <Account userId={userId} search={of.useSearch()} />;
}

function Account({ userId, search }: { userId: string | undefined; search: AccountSearch }) {
  const t = textOf("account");
  const money = textOf("money");
  const navigate = useNavigate();
  const { data: account } = useSuspenseQuery(accountQuery(userId));
  const isAccountant = useMe().roles.includes("accountant");
  const { data: clock } = useQuery(clockQuery);
  const { data: payslips } = useQuery(payslipsQuery(userId));
  const today = clock === undefined ? undefined : dayIn(clock.timeZone, new Date(businessNow()));
  const change = (next: Partial<AccountSearch>) =>
    void navigate({ to: ".", search: { ...search, ...next }, replace: true });
  const title = userId === undefined ? t("title") : t("of", { name: account.name });
  const shown = payslips?.items.find((one) => one.period === search.payslip);
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
  const { day, kind } = search;
  const exportCsv = () =>
    saveEntries(`${account.login}-${day ?? "all"}`, {
      userId: account.userId,
      ...(day !== undefined && { day }),
      ...(kind !== undefined && { kind }),
    }).catch(showError);
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
              { text: money("print"), icon: <Printer size={15} />, run: () => print() },
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
        <AuditLog userId={account.userId} search={search} today={today} onChange={change} />
        <div className={styles.side}>
          {userId === undefined ? <MyPayDetails /> : isAccountant && <PayDetailsOf userId={userId} />}
          {userId === undefined && <MyPayouts />}
          <PayslipList items={payslips?.items} userId={userId} onOpen={(payslip) => change({ payslip })} />
        </div>
      </section>
    </PageFrame>
  );
}

function AuditLog({
  userId,
  search,
  today,
  onChange,
}: {
  userId: string;
  search: AccountSearch;
  today: string | undefined;
  onChange: (next: Partial<AccountSearch>) => void;
}) {
  const t = textOf("account");
  const money = textOf("money");
  const { day, kind } = search;
  const filter = { userId, ...(day !== undefined && { day }), ...(kind !== undefined && { kind }) };
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
