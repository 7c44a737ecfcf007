/**
 * Statements, payouts and their entries as events, written set-based into the outbox of the closing transaction.
 * The one place that goes around `emit`: a hundred thousand accounts are a quarter of a million events, and validating each
 * in the process would take longer than the close may. Their data comes from columns with constraints, and a test holds
 * what is written here against the contracts.
 */
import { MAX_ENTRIES } from "../../contracts/accounting/entry.posted.v1.ts";
import { payoutRequestedV1 } from "../../contracts/accounting/payout.requested.v1.ts";
import { statementIssuedV1 } from "../../contracts/accounting/statement.issued.v1.ts";
import { entryPostedV4 } from "../../contracts/accounting/entry.posted.v4.ts";
import type { EventContract } from "../../platform/contract.ts";
import type { Sql } from "../../platform/service.ts";
import type { Ending } from "./close-store.ts";

type Closed = { period: number; now: Date; ending: Ending; partitions: readonly number[] };

/** Emits `statement.issued`, `payout.requested` and the payouts' `entry.posted` of a period's accounts in some partitions. */
export async function emitStatements(sql: Sql, closed: Closed): Promise<void> {
  await insertEvents(
    sql,
    closed,
    statementIssuedV1,
    `select a.partition, s.user_id::text as key, jsonb_build_object(
              'period', p.number, 'businessDate', p.business_date, 'label', p.label, 'userId', s.user_id,
              'openingMinor', s.opening_minor, 'creditsMinor', s.credits_minor, 'debitsMinor', s.debits_minor,
              'payoutMinor', s.payout_minor, 'closingMinor', s.closing_minor, 'currency', p.currency) as data, s.user_id as ord
       from statement s join account a on a.id = s.account_id join period p on p.number = s.period
      where s.period = $1 and a.partition = any ($9)`,
  );
  await insertEvents(
    sql,
    closed,
    payoutRequestedV1,
    `select a.partition, s.user_id::text as key, jsonb_build_object(
              'period', p.number, 'userId', s.user_id, 'amountMinor', s.payout_minor, 'currency', p.currency) as data,
            s.user_id as ord
       from statement s join account a on a.id = s.account_id join period p on p.number = s.period
      where s.period = $1 and s.payout_minor > 0 and a.partition = any ($9)`,
  );
  await insertEvents(
    sql,
    closed,
    entryPostedV4,
    `select e.partition, 'partition:' || e.partition as key, jsonb_build_object(
              'period', p.number, 'businessDate', p.business_date, 'currency', p.currency, 'entries', jsonb_agg(
                jsonb_build_object(
                  'entryId', concat_ws('-', e.period, e.source, e.epoch, e.partition, e.position, e.leg), 'userId', e.user_id,
                  'kind', e.kind, 'amountMinor', -e.amount_minor, 'taskId', null, 'title', null, 'jiraId', null,
                  'occurredAt', to_char(e.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
                order by e.position)) as data, min(e.position) as ord
       from posting e join period p on p.number = e.period where e.period = $1 and e.kind = 'payout' and e.partition = any ($9)
      group by p.number, e.partition, (e.position - 1) / ${MAX_ENTRIES}`,
  );
}

/** `rows` yields partition, key, data and ord (the order within each partition). */
async function insertEvents(sql: Sql, closed: Closed, contract: EventContract, rows: string): Promise<void> {
  const { ending } = closed;
  await sql(
    `insert into outbox (partition, id, type, version, key, period, time, correlation_id, causation_id, cause, actor, command,
                         traceparent, data)
     select r.partition, uuid_v7(), $2, $3, r.key, $1, $4, $5, $6, $7, $8, 'billing.close', $10, r.data
       from (${rows}) r order by r.ord, r.partition`,
    [
      closed.period,
      contract.type,
      contract.version,
      closed.now,
      ending.correlationId,
      ending.id,
      `tasks/${ending.partition}/${ending.position}`,
      ending.actor,
      closed.partitions,
      ending.traceparent,
    ],
  );
}
