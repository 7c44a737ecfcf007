/** The debt of somebody who left: one person asks that it is given up, another one agrees. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, ask } from "../../api/client.ts";
import { type WriteOff, writeOffsQuery } from "../../data/books.ts";
import { useMe } from "../../data/people.ts";
import { formatInstant } from "../../format/dates.ts";
import { formatMoney } from "../../format/money.ts";
import { textOf } from "../../i18n/text.ts";
import { Person } from "../../ui/avatar.tsx";
import { Button } from "../../ui/button.tsx";
import { ui } from "../../ui/classes.ts";
import { Card, Chip, Field, Input } from "../../ui/parts.tsx";
import { explain } from "../../ui/states.tsx";
import { showError, showToast } from "../../ui/toast.ts";
import styles from "./account.module.css";

type Debtor = { userId: string; active: boolean; balanceMinor: number; currency: string };

/** Nothing for whoever is still here: they work their debt off. */
export function WriteOffs({ account }: { account: Debtor }) {
  const t = textOf("account");
  const { data } = useQuery({ ...writeOffsQuery(account.userId), enabled: !account.active });
  if (account.active || data === undefined) return null;
  const waits = data.items.some((one) => one.status === "waiting");
  if (data.items.length === 0 && account.balanceMinor >= 0) return null;
  return (
    <Card title={t("writeOffs")} className={styles.slips ?? ""}>
      <div className={styles.writeOffs}>
        {data.items.map((one) => (
          <Asked key={one.id} writeOff={one} currency={account.currency} />
        ))}
        {account.balanceMinor < 0 && !waits && <Ask account={account} />}
      </div>
    </Card>
  );
}

function useRefresh() {
  const queries = useQueryClient();
  return () => {
    for (const key of ["write-offs", "account", "entries"]) void queries.invalidateQueries({ queryKey: [key] });
  };
}

function Asked({ writeOff: one, currency }: { writeOff: WriteOff; currency: string }) {
  const t = textOf("account");
  const me = useMe();
  const refresh = useRefresh();
  const approve = useMutation({
    mutationFn: () => ask(api.POST("/api/write-offs/{id}/approve", { params: { path: { id: one.id } } })),
    onSuccess: () => {
      showToast({ text: t("writtenOff", { amount: formatMoney(one.amountMinor, currency) }) });
      refresh();
    },
    onError: showError,
  });
  return (
    <section className={styles.writeOff}>
      <p>
        <b>{formatMoney(one.amountMinor, currency)}</b>{" "}
        <Chip tone={one.status === "waiting" ? "warn" : undefined}>{t(`writeOff.${one.status}`)}</Chip>
      </p>
      <p>{one.reason}</p>
      <p className={ui.hint} title={formatInstant(one.requestedAt)}>
        {t("askedBy")} <Person id={one.requestedBy} name={one.requestedByName} />
        {one.approvedBy !== null && (
          <>
            {" · "}
            {t("agreedBy")} <Person id={one.approvedBy} name={one.approvedByName} />
          </>
        )}
      </p>
      {one.entryId !== null && (
        <Link to="/explain/$entryId" params={{ entryId: one.entryId }} className={styles.entryLink}>
          {t("writeOffEntry")}
        </Link>
      )}
      {one.status === "waiting" &&
        (one.requestedBy === me.userId ? (
          <p className={ui.hint}>{t("secondPerson")}</p>
        ) : (
          <Button look="danger" small disabled={approve.isPending} onClick={() => approve.mutate()}>
            {t("agree")}
          </Button>
        ))}
    </section>
  );
}

function Ask({ account }: { account: Debtor }) {
  const t = textOf("account");
  const refresh = useRefresh();
  const [reason, setReason] = useState("");
  const request = useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/accounts/{userId}/write-offs", {
          params: { path: { userId: account.userId } },
          body: { reason: reason.trim() },
        }),
      ),
    onSuccess: () => {
      showToast({ text: t("writeOffAsked"), note: t("secondPerson") });
      refresh();
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    request.mutate();
  };
  return (
    <form onSubmit={onSubmit} className={styles.writeOff}>
      <p className={ui.hint}>{t("writeOffAbout", { amount: formatMoney(-account.balanceMinor, account.currency) })}</p>
      <Field label={t("reason")} {...(request.isError && { wrong: explain(request.error) })}>
        {(control) => (
          <Input
            {...control}
            required
            minLength={3}
            maxLength={500}
            autoComplete="off"
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" disabled={request.isPending || reason.trim().length < 3}>
        {t("askWriteOff")}
      </Button>
    </form>
  );
}
