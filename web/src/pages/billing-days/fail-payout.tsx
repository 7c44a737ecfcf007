/** A payout did not arrive: why, and what follows. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask } from "../../api/client.ts";
import type { Payout } from "../../data/payouts.ts";
import { formatMoney } from "../../format/money.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/parts.tsx";
import { explain } from "../../ui/states.tsx";
import { showToast } from "../../ui/toast.ts";
import styles from "./billing-days.module.css";

export function FailDialog({ payout, onClose }: { payout: Payout; onClose: () => void }) {
  const t = textOf("payouts");
  const [reason, setReason] = useState("");
  const queries = useQueryClient();
  const fail = useMutation({
    mutationFn: () =>
      ask(api.POST("/api/payouts/{period}/{userId}/failed", { params: { path: payout }, body: { reason } })),
    onSuccess: () => {
      showToast({ text: t("failedDone") });
      void queries.invalidateQueries({ queryKey: ["payouts"] });
      onClose();
    },
  });
  return (
    <Dialog title={t("failTitle", { name: payout.userName })} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          fail.mutate();
        }}
      >
        <p>{t("failAbout", { amount: formatMoney(payout.amountMinor, payout.currency) })}</p>
        <Field label={t("reason")} hint={t("reasonHint")} {...(fail.isError && { wrong: explain(fail.error) })}>
          {(control) => (
            <Input
              {...control}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              required
              minLength={3}
              maxLength={300}
              autoFocus
            />
          )}
        </Field>
        <DialogActions>
          <Button look="ghost" onClick={onClose}>
            {textOf("ui")("cancel")}
          </Button>
          <Button look="danger" type="submit" disabled={fail.isPending || reason.trim().length < 3}>
            {t("failDo")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
