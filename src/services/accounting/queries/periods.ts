/** Periods: what each is, what a closing one waits for, and the sealed result of a closed one. */
import { Type } from "typebox";
import { Discarded } from "../../../contracts/accounting/billing.closed.v1.ts";
import { Currency, Day, Minor, Nullable, OneOf, Timestamp } from "../../../platform/contract.ts";
import { page, Page, pageParameters, readCursor } from "../../../platform/http/paging.ts";
import { query, type Route } from "../../../platform/http/route.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { QueryCtx } from "../../../platform/service.ts";
import { findDiscarded } from "../close-store.ts";
import { periodStatuses, statusOf, Waiting, waitingFor } from "../period.ts";
import { findPeriod, listPeriodRows, loadProgress, type PeriodRow } from "../period-store.ts";
import { type Outcome, loadOutcomes } from "../outcome-store.ts";

export const ShownPeriod = Type.Object({
  number: Type.Integer(),
  label: Type.String(),
  businessDate: Day,
  part: Type.Integer(),
  status: OneOf(periodStatuses),
  beganAt: Timestamp,
  endsAt: Timestamp,
  closedAt: Nullable(Timestamp),
  /** When its entries were put into a file: they are asked for in vain then, all else is here. Null while they are here. */
  archivedAt: Nullable(Timestamp),
  /** What a closing period still waits for; empty otherwise. */
  waitingFor: Type.Array(Waiting),
  totals: Nullable(
    Type.Object({
      feesMinor: Minor,
      rewardsMinor: Minor,
      earnedMinor: Minor,
      paidOutMinor: Minor,
      /** Payouts of earlier periods that came back, and debts that were given up, in this one. */
      returnedMinor: Minor,
      writtenOffMinor: Minor,
      payoutCount: Type.Integer(),
      carriedMinor: Minor,
      negativeCount: Type.Integer(),
      accountCount: Type.Integer(),
      entryCount: Type.Integer(),
      discardedCount: Type.Integer(),
    }),
  ),
  currency: Currency,
  /** Which events of a closed one people decided not to book, who and why; the first 200 of `totals.discardedCount`. */
  discarded: Type.Array(Discarded),
  seal: Nullable(Type.String()),
  /** The verdict of the recomputation that follows the close; null until it is there. */
  check: Nullable(Type.Object({ ok: Type.Boolean(), checkedAt: Timestamp, findings: Type.Array(Type.String()) })),
  /** billing.open: with what the billing of this period began; null until its predecessor is closed. */
  opening: Nullable(Type.Object({ openedAt: Timestamp, accountCount: Type.Integer(), openingsMinor: Minor })),
});

/** Periods as the API shows them, with what a closing one waits for. */
export async function showPeriods(ctx: Pick<QueryCtx, "sql" | "heads">, rows: PeriodRow[]) {
  const outcomes = await loadOutcomes(
    ctx.sql,
    rows.map((row) => row.number),
  );
  const shown = [];
  for (const row of rows) shown.push(await showPeriod(ctx, row, outcomes.get(row.number)));
  return shown;
}

async function showPeriod(
  { sql, heads }: Pick<QueryCtx, "sql" | "heads">,
  row: PeriodRow,
  outcome: Outcome | undefined,
) {
  const status = statusOf(row);
  const { number, label, businessDate, part, currency } = row;
  return {
    ...{ number, label, businessDate, part, currency, status },
    beganAt: row.beganAt.toISOString(),
    endsAt: row.endsAt.toISOString(),
    closedAt: row.closedAt?.toISOString() ?? null,
    archivedAt: row.archivedAt?.toISOString() ?? null,
    // Few periods are closing at a time, so asking for each is no burden.
    waitingFor: status === "closing" ? waitingFor(await loadProgress(sql, number, await heads("tasks"))) : [],
    totals: outcome?.totals ?? null,
    discarded: (outcome?.totals?.discardedCount ?? 0) > 0 ? await findDiscarded(sql, number) : [],
    seal: outcome?.seal ?? null,
    check: outcome?.check ?? null,
    opening: outcome?.opening ?? null,
  };
}

/** The period of that number as people see it; refused when there is none. */
export async function requirePeriod(sql: QueryCtx["sql"], number: number): Promise<PeriodRow> {
  const row = await findPeriod(sql, number);
  if (row === undefined) throw new Refusal("not-found", "period-not-found", `There is no period ${number}.`);
  return row;
}

export const periodNumber = Type.Object({ number: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) });

export const periodQueries: Route[] = [
  query({
    operationId: "listPeriods",
    method: "GET",
    path: "/periods",
    policy: "accounts.all",
    summary: "Billing periods, newest first.",
    query: Type.Object(pageParameters),
    response: Page(ShownPeriod),
    handle: async (ctx, { query: { limit = 50, cursor } }) => {
      const before = readCursor(cursor)?.[0];
      const rows = await listPeriodRows(ctx.sql, before === undefined ? null : Number(before), limit + 1);
      const { items, nextCursor } = page(
        rows,
        limit,
        (row) => [row.number],
        (row) => row,
      );
      return { items: await showPeriods(ctx, items), nextCursor };
    },
  }),
  query({
    operationId: "getPeriod",
    method: "GET",
    path: "/periods/:number",
    policy: "accounts.all",
    summary: "A billing period: its state, what it waits for, its sealed totals.",
    params: periodNumber,
    response: ShownPeriod,
    handle: async (ctx, { params: { number } }) => {
      const [shown] = await showPeriods(ctx, [await requirePeriod(ctx.sql, number)]);
      if (shown === undefined) throw new Error(`period ${number} went away`);
      return shown;
    },
  }),
];
