/** SQL of the company's settings and their history. */
import { v7 as uuidv7 } from "uuid";
import type { CompanySettings } from "../../contracts/tasks/company-settings.ts";
import { settingsChangedV1 } from "../../contracts/tasks/settings.changed.v1.ts";
import type { Ctx, EmitOptions, Sql } from "../../platform/service.ts";

export type SettingsVersion = CompanySettings & {
  settingsId: string;
  effectivePeriod: number;
  changedBy: string | null;
  changedByName: string | null;
  changedAt: Date;
};

const COLUMNS = `settings_id as "settingsId", effective_period as "effectivePeriod",
  json_build_object('from', fee_from, 'to', fee_to) as "feeRange",
  json_build_object('from', reward_from, 'to', reward_to) as "rewardRange", currency, time_zone as "timeZone",
  closes_at as "closesAt", changed_by as "changedBy", p.name as "changedByName", changed_at as "changedAt"`;
const FROM = "from setting s left join person p on p.user_id = s.changed_by";

/** What counts in a period; `first` until somebody changed anything. */
export async function settingsIn(sql: Sql, period: number, first: CompanySettings): Promise<CompanySettings> {
  const [row] = await sql<SettingsVersion>(
    `select ${COLUMNS} ${FROM} where effective_period <= $1 order by change desc limit 1`,
    [period],
  );
  const { feeRange, rewardRange, currency, timeZone, closesAt } = row ?? first;
  return { feeRange, rewardRange, currency, timeZone, closesAt };
}

/** Nobody else changes settings until the end of the transaction, which has joined the period before. */
export async function lockSettings(sql: Sql): Promise<void> {
  await sql("select lock_settings()");
}

/** Writes down what counts from a period on, and says so. */
export async function saveSettings(
  ctx: Ctx,
  version: { effectivePeriod: number; settings: CompanySettings; changedBy: string | null; at: Date },
  options: EmitOptions,
): Promise<void> {
  const { effectivePeriod, settings, changedBy, at } = version;
  const settingsId = uuidv7();
  await ctx.sql(
    `insert into setting (settings_id, effective_period, fee_from, fee_to, reward_from, reward_to, currency, time_zone,
                          closes_at, changed_by, changed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      ...[settingsId, effectivePeriod, settings.feeRange.from, settings.feeRange.to, settings.rewardRange.from],
      ...[settings.rewardRange.to, settings.currency, settings.timeZone, settings.closesAt, changedBy, at],
    ],
  );
  ctx.emit(settingsChangedV1, { settingsId, effectivePeriod, settings, changedBy }, options);
}

/** All changes, the newest first. */
export async function listVersions(sql: Sql, limit: number): Promise<SettingsVersion[]> {
  return await sql<SettingsVersion>(`select ${COLUMNS} ${FROM} order by change desc limit $1`, [limit]);
}

/** Whether money has begun to move, or is about to: a task was registered, or accounting said that its books hold something. */
export async function isCurrencyFixed(sql: Sql): Promise<boolean> {
  return (await sql("(select from task limit 1) union all (select from books_currency)")).length > 0;
}

/** Keeps what accounting says of its books; false when it had been said before. */
export async function keepBooksCurrency(sql: Sql, currency: string): Promise<boolean> {
  const rows = await sql(
    "insert into books_currency (currency) values ($1) on conflict do nothing returning currency",
    [currency],
  );
  return rows.length > 0;
}
