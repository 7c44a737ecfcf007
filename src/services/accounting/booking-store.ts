/** SQL of booking: a handful of statements per batch, whatever its size. */
import { type BarrierEvent, type Block, type BookedPosting, type Frame, type Intake } from "./booking.ts";
import { binaryArray } from "../../platform/binary-array.ts";
import { partitionOf } from "../../platform/outbox.ts";
import type { Sql } from "../../platform/service.ts";
import { houseAccount } from "./ledger.ts";
import type { Price } from "./price.ts";
import { labelOf } from "./period.ts";

/** Barriers, block heads and periods that events of these partitions and periods can touch. */
export async function loadFrame(sql: Sql, partitions: readonly number[], from: number, to: number): Promise<Frame> {
  const rows = await sql<Frame>(
    `select
       (select coalesce(jsonb_agg(jsonb_build_object('period', period, 'partition', partition, 'epoch', epoch,
                                                     'position', position)), '[]')
          from barrier where period between $2 - 1 and $3 and partition = any($1)) as barriers,
       (select coalesce(jsonb_agg(jsonb_build_object('period', period, 'partition', partition, 'head', head, 'lines', lines,
                          'dirty', dirty, 'last', jsonb_build_object('epoch', last_epoch, 'position', last_position))), '[]')
          from block_head where source = 'tasks' and period between $2 and $3 and partition = any($1)) as blocks,
       (select coalesce(jsonb_agg(jsonb_build_object('number', number, 'businessDate', business_date,
                                                     'currency', currency, 'settings', settings)), '[]')
          from period where number between $2 and $3 + 1) as periods`,
    [partitions, from, to],
  );
  return rows[0] as Frame;
}

export type KnownTask = { taskId: string; title: string | null; jiraId: string | null; price: Price | undefined };

/** Prices and names of tasks. */
export async function loadTasks(sql: Sql, taskIds: readonly string[]): Promise<Map<string, KnownTask>> {
  const rows = await sql<{
    id: string;
    fee: number | null;
    reward: number | null;
    title: string | null;
    jira: string | null;
  }>(
    `select id, p.fee_minor as fee, p.reward_minor as reward, t.title, t.jira_id as jira
       from unnest($1::uuid[]) as wanted (id)
       left join price p on p.task_id = id left join task t on t.task_id = id`,
    [taskIds],
  );
  return new Map(
    rows.map((row) => [
      row.id,
      {
        taskId: row.id,
        title: row.title,
        jiraId: row.jira,
        price: row.fee === null ? undefined : { feeMinor: row.fee, rewardMinor: row.reward ?? 0 },
      },
    ]),
  );
}

/** Writes prices down; returns the tasks whose price was not there before. A price that is there stays. */
export async function savePrices(
  sql: Sql,
  prices: ReadonlyMap<string, Price & { currency: string }>,
): Promise<Set<string>> {
  const rows = await sql<{ id: string }>(
    `insert into price (task_id, fee_minor, reward_minor, currency)
     select * from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[]) as p (id, fee, reward, currency) order by id
     on conflict (task_id) do nothing returning task_id as id`,
    [
      [...prices.keys()],
      [...prices.values()].map((price) => price.feeMinor),
      [...prices.values()].map((price) => price.rewardMinor),
      [...prices.values()].map((price) => price.currency),
    ],
  );
  return new Set(rows.map((row) => row.id));
}

export type TaskName = { taskId: string; title: string; jiraId: string | null; epoch: number; position: number };

/** What tasks are called, for the audit log; the newest place in the log wins. One row per task. */
export async function saveTaskNames(sql: Sql, names: readonly TaskName[]): Promise<void> {
  await sql(
    `insert into task (task_id, title, jira_id, epoch, position)
     select * from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::bigint[]) as n (id, title, jira, epoch, position)
      order by id
     on conflict (task_id) do update
        set title = excluded.title, jira_id = excluded.jira_id, epoch = excluded.epoch, position = excluded.position
      where (task.epoch, task.position) < (excluded.epoch, excluded.position)`,
    [
      names.map((n) => n.taskId),
      names.map((n) => n.title),
      names.map((n) => n.jiraId),
      names.map((n) => n.epoch),
      names.map((n) => n.position),
    ],
  );
}

/** Opens the accounts of popugs that have none; in the order of ids, as everybody does. */
export async function openAccounts(sql: Sql, userIds: Iterable<string>): Promise<void> {
  const sorted = [...new Set(userIds)].sort();
  await sql(
    `insert into account (kind, user_id, partition)
     select 'popug', u.id, u.partition from unnest($1::uuid[], $2::smallint[]) as u (id, partition)
      where not exists (select from account a where a.user_id = u.id) order by u.id
     on conflict (user_id) do nothing`,
    [sorted, sorted.map(partitionOf)],
  );
}

/** Opens the period that follows a barrier; the calls for its other partitions change nothing. Returns its currency. */
export async function openNextPeriod(sql: Sql, next: BarrierEvent["data"]["next"], currency: string): Promise<string> {
  const rows = await sql<{ currency: string }>("select open_period($1, $2, $3, $4, $5, $6, $7, $8) as currency", [
    next.period,
    next.businessDate,
    next.part,
    labelOf(next.businessDate, next.part),
    next.beginsAt,
    next.endsAt,
    currency,
    next.settings === undefined ? null : JSON.stringify(next.settings),
  ]);
  return rows[0]?.currency ?? currency;
}

/** Keeps barriers with their control totals. One per period and partition: the primary key refuses a second. */
export async function saveBarriers(sql: Sql, barriers: readonly BarrierEvent[]): Promise<void> {
  await sql(
    `insert into barrier (period, partition, epoch, position, control, ended_at, ended_by, last_task_number, event_id,
                          correlation_id, actor, traceparent)
     select * from unnest($1::int[], $2::smallint[], $3::int[], $4::bigint[], $5::jsonb[], $6::timestamptz[], $7::text[],
                          $8::bigint[], $9::uuid[], $10::uuid[], $11::text[], $12::text[])`,
    [
      barriers.map((b) => b.data.period),
      barriers.map((b) => b.partition),
      barriers.map((b) => b.epoch),
      barriers.map((b) => b.position),
      barriers.map((b) => JSON.stringify(b.control ?? {})),
      barriers.map((b) => b.data.endedAt),
      barriers.map((b) => b.data.cause),
      barriers.map((b) => b.data.lastTaskNumber),
      barriers.map((b) => b.id),
      barriers.map((b) => b.correlationId),
      barriers.map((b) => b.actor),
      barriers.map((b) => b.traceparent),
    ],
  );
}

/**
 * Postings and the balances they move, in one statement. A posting that is there already is a defect and fails the batch:
 * the cursor has dropped what was delivered twice, so hiding it would hide money.
 */
export async function savePostings(sql: Sql, postings: readonly BookedPosting[]): Promise<void> {
  const of = <T>(field: (posting: BookedPosting) => T) => postings.map(field);
  const rows = await sql<{ posted: number }>(
    `with line as materialized (
       select l.*, a.id as popug
         from unnest($1::int[], $2::int[], $3::smallint[], $4::bigint[], $5::smallint[], $6::boolean[], $7::int[], $8::bigint[],
                     $9::text[], $10::uuid[], $11::uuid[], $12::timestamptz[], $13::uuid[])
           as l (period, epoch, partition, position, leg, popug_debited, house, amount, kind, user_id, task_id, occurred_at, event_id)
         join account a on a.user_id = l.user_id
     ), posted as (
       insert into posting (period, source, epoch, partition, position, leg, debit_account, credit_account, amount_minor, kind,
                            user_id, task_id, occurred_at, event_id)
       select period, 'tasks', epoch, partition, position, leg, case when popug_debited then popug else house end,
              case when popug_debited then house else popug end, amount, kind, user_id, task_id, occurred_at, event_id
         from line order by period, epoch, position, partition
       returning 1
     ), moved as (
       insert into balance (period, account_id, debits_minor, credits_minor)
       select period, account, sum(debit)::bigint, sum(credit)::bigint
         from (select period, popug as account, case when popug_debited then amount else 0 end as debit,
                      case when popug_debited then 0 else amount end as credit from line
               union all
               select period, house, case when popug_debited then 0 else amount end,
                      case when popug_debited then amount else 0 end from line) side
        group by period, account order by period, account
       on conflict (period, account_id) do update
          set debits_minor = balance.debits_minor + excluded.debits_minor,
              credits_minor = balance.credits_minor + excluded.credits_minor
     )
     select count(*) as posted from posted`,
    [
      binaryArray(
        "int",
        of((p) => p.period),
      ),
      binaryArray(
        "int",
        of((p) => p.event.epoch),
      ),
      binaryArray(
        "smallint",
        of((p) => p.event.partition),
      ),
      binaryArray(
        "bigint",
        of((p) => p.event.position),
      ),
      binaryArray(
        "smallint",
        of((p) => p.leg),
      ),
      binaryArray(
        "boolean",
        of((p) => p.popugIs === "debit"),
      ),
      binaryArray(
        "int",
        of((p) => houseAccount(p.house, p.event.partition)),
      ),
      binaryArray(
        "bigint",
        of((p) => p.amountMinor),
      ),
      of((p) => p.kind),
      binaryArray(
        "uuid",
        of((p) => p.userId),
      ),
      binaryArray(
        "uuid",
        of((p) => p.event.data.taskId),
      ),
      binaryArray(
        "timestamptz",
        of((p) => p.event.time),
      ),
      binaryArray(
        "uuid",
        of((p) => p.event.id),
      ),
    ],
  );
  if (rows[0]?.posted !== postings.length)
    throw new Error(`${rows[0]?.posted} of ${postings.length} postings were written`);
}

/** The block heads as they are now, and what was taken in, added to what was there. */
export async function saveProgress(sql: Sql, blocks: readonly Block[], intake: readonly Intake[]): Promise<void> {
  await sql(
    `with heads as (
       insert into block_head (period, source, partition, head, lines, last_epoch, last_position, dirty)
       select period, 'tasks', partition, head, lines, epoch, position, dirty
         from unnest($1::int[], $2::smallint[], $3::text[], $4::bigint[], $5::int[], $6::bigint[], $7::boolean[])
           as b (period, partition, head, lines, epoch, position, dirty) order by period, partition
       on conflict (period, source, partition) do update
          set head = excluded.head, lines = excluded.lines, last_epoch = excluded.last_epoch,
              last_position = excluded.last_position, dirty = excluded.dirty
     )
     insert into intake (period, partition, type, count, checksum)
     select * from unnest($8::int[], $9::smallint[], $10::text[], $11::bigint[], $12::bigint[])
       as i (period, partition, type, count, checksum) order by period, partition, type
     on conflict (period, partition, type) do update
        set count = intake.count + excluded.count, checksum = intake.checksum + excluded.checksum`,
    [
      blocks.map((b) => b.period),
      blocks.map((b) => b.partition),
      blocks.map((b) => b.head),
      blocks.map((b) => b.lines),
      blocks.map((b) => b.last.epoch),
      blocks.map((b) => b.last.position),
      blocks.map((b) => b.dirty),
      intake.map((i) => i.period),
      intake.map((i) => i.partition),
      intake.map((i) => i.type),
      intake.map((i) => i.count),
      intake.map((i) => i.checksum),
    ],
  );
}
