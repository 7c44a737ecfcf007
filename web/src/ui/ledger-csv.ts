import { allEntries } from "../data/books.ts";
import type { EntryFilter } from "../data/money.ts";
import { decimal, saveCsv } from "../format/csv.ts";
import { textOf } from "../i18n/text.ts";
import { kindText } from "./ledger.tsx";

/** Every line of the filter, with the balance after it, as a file. */
export async function saveEntries(name: string, filter: EntryFilter): Promise<void> {
  const entries = await allEntries(filter);
  saveCsv(name, [
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
