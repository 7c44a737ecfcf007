/** What people decided not to book, in the report and in the audit log: which event, why, and who they were. */
import type { Discarded } from "../../../contracts/accounting/billing.closed.v1.ts";
import type { Sql } from "../../../platform/service.ts";
import { findNames } from "../statement-store.ts";
import type { Language } from "./format.ts";
import type { Section } from "./page.ts";
import { words } from "./words.ts";

/** So many are named in a mail; the others are counted. */
const MAX_NAMED = 20;

/** @param count how many there are, of which `discarded` may be only the first */
export async function discardedSection(
  sql: Sql,
  discarded: readonly Discarded[],
  count: number,
  language: Language,
): Promise<Section[]> {
  if (count === 0) return [];
  const say = words[language].report;
  const named = discarded.slice(0, MAX_NAMED);
  const names = await findNames(sql, [...new Set(named.flatMap((one) => one.by))]);
  return [
    {
      title: say.discarded,
      lines: named.map(({ type, key, reason, by }) => ({
        time: "",
        label: `${type} ${key} · ${reason} · ${by.map((id) => names.get(id) ?? id).join(", ")}`,
        value: "",
      })),
      more: count > named.length ? say.belowZeroMore(count - named.length) : null,
    },
  ];
}
