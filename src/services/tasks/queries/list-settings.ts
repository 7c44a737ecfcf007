/** What the company has set, and what it had. */
import { type Static, Type } from "typebox";
import { CompanySettings } from "../../../contracts/tasks/company-settings.ts";
import { Nullable, Timestamp, Uuid } from "../../../platform/contract.ts";
import type { QueryCtx } from "../../../platform/service.ts";
import { listVersions, settingsIn } from "../company-settings-store.ts";
import type { Calendar } from "../registration-store.ts";

/** So many changes are listed: the newest ones. */
const MAX_LISTED = 500;

export const SettingsHistory = Type.Object({
  /** The open period. */
  period: Type.Integer(),
  /** What counts in it. */
  now: CompanySettings,
  /** What will count in the next one. */
  next: CompanySettings,
  items: Type.Array(
    Type.Object({
      ...CompanySettings.properties,
      /** The first period in which they count, unless they were changed once more before it began. */
      effectivePeriod: Type.Integer(),
      changedAt: Timestamp,
      changedBy: Nullable(Uuid),
      changedByName: Nullable(Type.String()),
    }),
  ),
});

/** All changes, the newest first; before the first one, what the environment says counts. */
export async function listSettings(
  { sql }: Pick<QueryCtx, "sql">,
  first: Calendar,
): Promise<Static<typeof SettingsHistory>> {
  const [open] = await sql<{ period: number }>("select period from registration");
  const period = open?.period ?? 0;
  const versions = await listVersions(sql, MAX_LISTED);
  return {
    period,
    now: await settingsIn(sql, period, first),
    next: await settingsIn(sql, period + 1, first),
    items: versions.map(({ settingsId: _, changedAt, ...version }) => ({
      ...version,
      changedAt: changedAt.toISOString(),
    })),
  };
}
