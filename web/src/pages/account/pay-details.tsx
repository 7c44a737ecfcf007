/** Where a popug is paid: their own to change, the number masked; anybody's for accountants, with what it was before. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask } from "../../api/client.ts";
import { Problem } from "../../api/problem.ts";
import { myPayDetailsQuery, payDetailsQuery } from "../../data/payouts.ts";
import { dateFormat } from "../../format/dates.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { ui } from "../../ui/classes.ts";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Card, Field, Input } from "../../ui/parts.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { explain } from "../../ui/states.tsx";
import { showToast } from "../../ui/toast.ts";
import styles from "./account.module.css";

type Details = { iban: string; holder: string; setAt: string };

function Shown({ details: { iban, holder, setAt } }: { details: Details }) {
  const day = dateFormat({ day: "numeric", month: "short", year: "numeric" }).format(new Date(setAt));
  return (
    <p>
      <b className="num">{iban}</b>
      <span>{holder}</span>
      <small className={ui.hint}>{textOf("payouts")("detailsSince", { day })}</small>
    </p>
  );
}

export function MyPayDetails() {
  const t = textOf("payouts");
  const [open, setOpen] = useState(false);
  const { data } = useQuery(myPayDetailsQuery);
  return (
    <Card
      title={t("details")}
      className={styles.details ?? ""}
      action={
        data?.details && (
          <Button look="ghost" small onClick={() => setOpen(true)} data-print="no">
            {t("change")}
          </Button>
        )
      }
    >
      {data === undefined ? (
        <Skeleton width="60%" />
      ) : data.details === null ? (
        <p>
          <span>{t("detailsNone")}</span>
          <Button small onClick={() => setOpen(true)}>
            {t("enter")}
          </Button>
        </p>
      ) : (
        <Shown details={data.details} />
      )}
      {open && <DetailsDialog onClose={() => setOpen(false)} />}
    </Card>
  );
}

/** Of somebody else; accountants only. */
export function PayDetailsOf({ userId }: { userId: string }) {
  const t = textOf("payouts");
  const { data } = useQuery(payDetailsQuery(userId));
  return (
    <Card title={t("details")} className={styles.details ?? ""}>
      {data === undefined ? (
        <Skeleton width="60%" />
      ) : data.items.length === 0 ? (
        <p className={ui.hint}>{t("detailsOf")}</p>
      ) : (
        data.items.map((details) => <Shown key={details.setAt} details={details} />)
      )}
    </Card>
  );
}

function DetailsDialog({ onClose }: { onClose: () => void }) {
  const t = textOf("payouts");
  const [iban, setIban] = useState("");
  const [holder, setHolder] = useState("");
  const queries = useQueryClient();
  const set = useMutation({
    mutationFn: () => ask(api.PUT("/api/my/pay-details", { body: { iban, holder } })),
    onSuccess: () => {
      showToast({ text: t("saved") });
      void queries.invalidateQueries({ queryKey: ["pay-details"] });
      void queries.invalidateQueries({ queryKey: ["payouts"] });
      onClose();
    },
  });
  const wrongIn = (path: string) => {
    const field = set.error instanceof Problem ? set.error.fields.find((one) => one.path === path) : undefined;
    return field === undefined ? {} : { wrong: explain(set.error) };
  };
  const elsewhere = set.isError && !(set.error instanceof Problem && set.error.fields.length > 0);
  return (
    <Dialog title={t("detailsTitle")} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          set.mutate();
        }}
      >
        <Field label={t("iban")} hint={t("ibanHint")} {...wrongIn("iban")}>
          {(control) => (
            <Input
              {...control}
              value={iban}
              onChange={(event) => setIban(event.target.value)}
              required
              minLength={5}
              maxLength={60}
              autoComplete="off"
              spellCheck={false}
              autoFocus
            />
          )}
        </Field>
        <Field label={t("holder")} hint={t("holderHint")} {...wrongIn("holder")}>
          {(control) => (
            <Input
              {...control}
              value={holder}
              onChange={(event) => setHolder(event.target.value)}
              required
              minLength={2}
              maxLength={70}
              autoComplete="off"
            />
          )}
        </Field>
        {elsewhere && <p className={ui.wrong}>{explain(set.error)}</p>}
        <DialogActions>
          <Button look="ghost" onClick={onClose}>
            {textOf("ui")("cancel")}
          </Button>
          <Button look="primary" type="submit" disabled={set.isPending}>
            {t("save")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
