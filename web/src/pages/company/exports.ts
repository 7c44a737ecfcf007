/** What the company page exports. */
import { api, ask } from "../../api/client.ts";
import { allEntries } from "../../data/money.ts";
import { decimal, saveCsv } from "../../format/csv.ts";
import { textOf } from "../../i18n/text.ts";
import { kindText } from "../../ui/ledger.tsx";

/** Every line of the ledger of a day, with the balance after it. */
export async function exportLedger(day: string | undefined): Promise<void> {
  const entries = await allEntries(day === undefined ? {} : { day });
  saveCsv(`ledger-${day ?? "today"}`, [
    textOf("money")("columnsCsv").split(","),
    ...entries.map((entry) => [
      entry.occurredAt,
      entry.userName,
      kindText(entry.kind),
      entry.taskId,
      entry.jiraId,
      entry.title,
      decimal(entry.amountMinor, entry.currency),
      entry.balanceMinor === undefined ? null : decimal(entry.balanceMinor, entry.currency),
      entry.currency,
      entry.entryId,
    ]),
  ]);
}

/** Income by day, up to five hundred days. */
export async function exportDays(): Promise<void> {
  const { items } = await ask(api.GET("/api/days", { params: { query: { limit: 500 } } }));
  saveCsv("income-by-day", [
    textOf("company")("daysCsv").split(","),
    ...items.map((one) => [
      one.day,
      decimal(one.feesMinor, one.currency),
      decimal(one.rewardsMinor, one.currency),
      decimal(one.earnedMinor, one.currency),
      decimal(one.paidOutMinor, one.currency),
      one.negativeCount === null ? null : { plain: one.negativeCount },
      one.carriedMinor === null ? null : decimal(one.carriedMinor, one.currency),
      one.currency,
      String(one.closed),
    ]),
  ]);
}
