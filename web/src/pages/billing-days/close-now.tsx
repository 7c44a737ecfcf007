/** Closing the open day by hand, with what follows from it. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask } from "../../api/client.ts";
import { type Period, standingQuery } from "../../data/books.ts";
import { formatMoney } from "../../format/money.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { LoadingRows } from "../../ui/states.tsx";
import { showError, showToast } from "../../ui/toast.ts";
import styles from "./billing-days.module.css";
import { periodName } from "./parts.tsx";

export function CloseNow({ period }: { period: Period }) {
  const t = textOf("billing-days");
  const ui = textOf("ui");
  const money = textOf("money");
  const [open, setOpen] = useState(false);
  const queries = useQueryClient();
  const { data: standing } = useQuery({ ...standingQuery, enabled: open });
  const close = useMutation({
    mutationFn: () => ask(api.POST("/api/periods/{number}/close", { params: { path: { number: period.number } } })),
    onError: showError,
    onSuccess: () => {
      showToast({ text: t("closeAsked"), note: t("closeAskedAbout") });
      void queries.invalidateQueries({ queryKey: ["periods"] });
    },
    onSettled: () => setOpen(false),
  });
  return (
    <>
      <Button onClick={() => setOpen(true)} data-print="no">
        {t("closeNow")}
      </Button>
      {open && (
        <Dialog title={t("closeTitle", { day: periodName(period) })} onClose={() => setOpen(false)}>
          {standing === undefined ? (
            <LoadingRows rows={3} />
          ) : (
            <ul className={styles.consequences}>
              <li>
                {t("closePays", {
                  popugs: money("popugs", { count: standing.payableCount }),
                  amount: formatMoney(standing.payableMinor, standing.currency),
                })}
              </li>
              <li>
                {t("closeCarries", {
                  popugs: money("popugs", { count: standing.negativeCount }),
                  amount: formatMoney(standing.owedMinor, standing.currency),
                })}
              </li>
              <li>{t("closePart")}</li>
            </ul>
          )}
          <DialogActions>
            <Button look="ghost" onClick={() => setOpen(false)}>
              {ui("cancel")}
            </Button>
            <Button look="primary" disabled={close.isPending} onClick={() => close.mutate()}>
              {t("closeDo")}
            </Button>
          </DialogActions>
        </Dialog>
      )}
    </>
  );
}
