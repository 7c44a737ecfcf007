import { api, ask } from "../../api/client.ts";
import { decimal, saveCsv } from "../../format/csv.ts";
import { textOf } from "../../i18n/text.ts";

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
