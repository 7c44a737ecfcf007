/** The payouts of a closed day: what became of each, and what accountants say of them. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { api, ask } from "../../api/client.ts";
import type { Period } from "../../data/books.ts";
import { useMe } from "../../data/people.ts";
import { type Payout, payoutsQuery, type PayoutState, payoutStates, payoutSumsQuery } from "../../data/payouts.ts";
import { textOf } from "../../i18n/text.ts";
import { PersonLink } from "../../ui/avatar.tsx";
import { Button } from "../../ui/button.tsx";
import { classes, ui } from "../../ui/classes.ts";
import { Menu } from "../../ui/menu.tsx";
import { Money } from "../../ui/money.tsx";
import { Table, Tabs } from "../../ui/parts.tsx";
import { PayoutChip } from "../../ui/payout-chip.tsx";
import { More } from "../../ui/more.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import { showError, showToast } from "../../ui/toast.ts";
import styles from "./billing-days.module.css";
import { FailDialog } from "./fail-payout.tsx";
import { PayoutFileBar } from "./payout-file.tsx";

export function Payouts({ period }: { period: Period }) {
  const t = textOf("payouts");
  const [state, setState] = useState<PayoutState>();
  const [failing, fail] = useState<Payout>();
  const list = useInfiniteQuery(payoutsQuery(period.number, state));
  const { data: sums } = useQuery(payoutSumsQuery(period.number));
  const payouts = list.data?.pages.flatMap((page) => page.items);
  const counted = sums?.items.filter((sum) => sum.count > 0) ?? [];
  return (
    <>
      <PayoutFileBar period={period} sent={counted.find((sum) => sum.state === "sent")?.count ?? 0} />
      {counted.length > 1 && (
        <div className={styles.states} data-print="no">
          <Tabs
            label={t("show")}
            value={state ?? "all"}
            options={[
              { value: "all" as const, text: t("all") },
              ...payoutStates
                .filter((one) => counted.some((sum) => sum.state === one))
                .map((one) => ({
                  value: one,
                  text: one === "waiting" ? t("short.waiting") : t(`state.${one}`),
                  count: counted.find((sum) => sum.state === one)?.count,
                })),
            ]}
            onChange={(value) => setState(value === "all" ? undefined : value)}
          />
        </div>
      )}
      {list.error !== null && payouts === undefined ? (
        <ErrorState error={list.error} retry={() => void list.refetch()} />
      ) : payouts === undefined ? (
        <LoadingRows />
      ) : payouts.length === 0 ? (
        <EmptyState title={state === undefined ? textOf("billing-days")("noPayouts") : t("none")} />
      ) : (
        <Table label={textOf("billing-days")("payouts")}>
          <thead>
            <tr>
              <th>{t("popug")}</th>
              <th className={ui.wideOnly}>{t("state")}</th>
              <th className={ui.wideOnly}>{t("account")}</th>
              <th className={ui.right}>{t("amount")}</th>
              <th data-print="no">
                <span className="sr">{t("actions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {payouts.map((payout) => (
              <Row key={payout.userId} payout={payout} onFail={() => fail(payout)} />
            ))}
          </tbody>
        </Table>
      )}
      <More of={list} />
      {failing !== undefined && <FailDialog payout={failing} onClose={() => fail(undefined)} />}
    </>
  );
}

function Row({ payout, onFail }: { payout: Payout; onFail: () => void }) {
  const t = textOf("payouts");
  const me = useMe();
  const queries = useQueryClient();
  const move = useMutation({
    mutationFn: (step: "sent" | "confirmed") =>
      ask(api.POST(`/api/payouts/{period}/{userId}/${step}`, { params: { path: payout } })),
    onError: showError,
    onSuccess: ({ state }) => {
      showToast({ text: `${payout.userName}: ${t(`state.${state}`)}` });
      void queries.invalidateQueries({ queryKey: ["payouts"] });
    },
  });
  const { state } = payout;
  const steps = [
    ...(state === "requested" ? [{ text: t("sent"), run: () => move.mutate("sent") }] : []),
    ...(state === "sent" ? [{ text: t("arrived"), run: () => move.mutate("confirmed") }] : []),
    ...(state !== "confirmed" && state !== "failed" && payout.userId !== me.userId
      ? [{ text: t("failed"), run: onFail }]
      : []),
  ];
  return (
    <tr>
      <td className={ui.fill}>
        <PersonLink id={payout.userId} name={payout.userName} />
        <span className={ui.narrowOnly}>
          <PayoutChip payout={payout} />
        </span>
      </td>
      <td className={ui.wideOnly}>
        <PayoutChip payout={payout} />
      </td>
      <td className={classes(styles.account, ui.wideOnly)}>
        {payout.iban}
        {payout.holder !== null && <small>{payout.holder}</small>}
      </td>
      <td className={ui.right}>
        <Link to="/explain/$entryId" params={{ entryId: payout.entryId }} className={styles.name}>
          <Money minor={payout.amountMinor} currency={payout.currency} />
        </Link>
      </td>
      <td className={styles.steps} data-print="no">
        {steps.length > 0 && (
          <Menu
            trigger={
              <Button
                look="ghost"
                small
                icon
                aria-label={`${t("actions")}: ${payout.userName}`}
                disabled={move.isPending}
              >
                <Ellipsis size={15} aria-hidden="true" />
              </Button>
            }
            items={steps}
          />
        )}
      </td>
    </tr>
  );
}
