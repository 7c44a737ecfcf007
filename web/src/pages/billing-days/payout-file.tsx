/** The file for the bank: made as often as one likes, and then said to be sent; and what is sent said to have arrived. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { api, ask } from "../../api/client.ts";
import type { Period } from "../../data/books.ts";
import { payoutFileAddress, payoutFilesQuery } from "../../data/payouts.ts";
import { useMe } from "../../data/people.ts";
import { formatMoney } from "../../format/money.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { ui } from "../../ui/classes.ts";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/parts.tsx";
import { explain } from "../../ui/states.tsx";
import { showToast } from "../../ui/toast.ts";
import styles from "./billing-days.module.css";

type Asking = "sent" | "confirmed" | undefined;

/** `sent`: how many payouts are on their way. */
export function PayoutFileBar({ period, sent }: { period: Period; sent: number }) {
  const t = textOf("payouts");
  const me = useMe();
  const [asking, setAsking] = useState<Asking>();
  // The file that was saved is the one that goes to the bank, also when somebody enters pay details meanwhile.
  const [saved, save] = useState<string>();
  const { data: files } = useQuery(payoutFilesQuery(period.number));
  const next = files?.items.find((file) => file.sentAt === null);
  if (files === undefined || (next === undefined && sent === 0)) return null;
  const download = (end: "xml" | "csv", text: string) =>
    next !== undefined && (
      <a
        className={`${ui.button} ${ui.ghost} ${ui.small}`}
        href={payoutFileAddress(period.number, next.messageId, end)}
        download
        onClick={() => save(next.messageId)}
      >
        <Download size={14} aria-hidden="true" />
        {text}
      </a>
    );
  return (
    <div className={styles.file} data-print="no">
      <span>
        {next === undefined
          ? t("fileNone")
          : t("fileReady", { count: next.count, amount: formatMoney(next.amountMinor, next.currency) })}
      </span>
      {me.roles.includes("accountant") && download("xml", t("xml"))}
      {me.roles.includes("accountant") && download("csv", t("csv"))}
      {next !== undefined && (
        <Button small onClick={() => setAsking("sent")}>
          {t("markFile")}
        </Button>
      )}
      {sent > 0 && (
        <Button small onClick={() => setAsking("confirmed")}>
          {t("confirmAll")}
        </Button>
      )}
      {asking === "sent" && next !== undefined && (
        <SentDialog period={period.number} messageId={saved ?? next.messageId} onClose={() => setAsking(undefined)} />
      )}
      {asking === "confirmed" && (
        <ConfirmedDialog period={period.number} count={sent} onClose={() => setAsking(undefined)} />
      )}
    </div>
  );
}

function SentDialog({ period, messageId, onClose }: { period: number; messageId: string; onClose: () => void }) {
  const t = textOf("payouts");
  const [id, setId] = useState(messageId);
  const queries = useQueryClient();
  const mark = useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/periods/{number}/payout-files/{messageId}/sent", {
          params: { path: { number: period, messageId: id.trim() } },
        }),
      ),
    onSuccess: ({ count }) => {
      showToast({ text: t("marked", { count }) });
      void queries.invalidateQueries({ queryKey: ["payouts"] });
      onClose();
    },
  });
  return (
    <Dialog title={t("markFileTitle")} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          mark.mutate();
        }}
      >
        <p>{t("markFileAbout")}</p>
        <Field label={t("messageId")} {...(mark.isError && { wrong: explain(mark.error) })}>
          {(control) => (
            <Input {...control} value={id} onChange={(event) => setId(event.target.value)} required maxLength={35} />
          )}
        </Field>
        <DialogActions>
          <Button look="ghost" onClick={onClose}>
            {textOf("ui")("cancel")}
          </Button>
          <Button look="primary" type="submit" disabled={mark.isPending}>
            {t("markFile")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function ConfirmedDialog({ period, count, onClose }: { period: number; count: number; onClose: () => void }) {
  const t = textOf("payouts");
  const queries = useQueryClient();
  const confirm = useMutation({
    mutationFn: () =>
      ask(api.POST("/api/periods/{number}/payouts/confirmed", { params: { path: { number: period } } })),
    onSuccess: (answer) => {
      showToast({ text: t("confirmed", { count: answer.count }) });
      void queries.invalidateQueries({ queryKey: ["payouts"] });
      onClose();
    },
  });
  return (
    <Dialog title={t("confirmAllTitle")} onClose={onClose}>
      <p className={styles.form}>{t("confirmAllAbout", { count })}</p>
      {confirm.isError && <p className={ui.wrong}>{explain(confirm.error)}</p>}
      <DialogActions>
        <Button look="ghost" onClick={onClose}>
          {textOf("ui")("cancel")}
        </Button>
        <Button look="primary" disabled={confirm.isPending} onClick={() => confirm.mutate()}>
          {t("confirmAll")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
