/** What became of one's last payouts. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { myPayoutsQuery } from "../../data/payouts.ts";
import { textOf } from "../../i18n/text.ts";
import { ui } from "../../ui/classes.ts";
import { Money } from "../../ui/money.tsx";
import { Card } from "../../ui/parts.tsx";
import { PayoutChip } from "../../ui/payout-chip.tsx";
import { LoadingRows } from "../../ui/states.tsx";
import styles from "./account.module.css";
import { slipDay } from "./payslips.tsx";

export function MyPayouts() {
  const t = textOf("payouts");
  const { data } = useQuery(myPayoutsQuery);
  return (
    <Card title={t("mine")} className={styles.payouts ?? ""}>
      {data === undefined ? (
        <LoadingRows rows={3} />
      ) : data.items.length === 0 ? (
        <p className={styles.none}>{t("noneYet")}</p>
      ) : (
        <ul>
          {data.items.map((payout) => (
            <li key={payout.period}>
              <Link to="/explain/$entryId" params={{ entryId: payout.returnedBy ?? payout.entryId }}>
                <span className={styles.slipDay}>
                  {slipDay(payout.label)}
                  <PayoutChip payout={payout} />
                </span>
                <Money minor={payout.amountMinor} currency={payout.currency} />
                {payout.reason !== null && (
                  <span className={ui.hint}>
                    {t("backInAccount")}: {payout.reason}
                  </span>
                )}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
