/**
 * What has to be true of the books after whatever happened, asked of the tables in SQL. Nothing of the product's own
 * booking, closing or verifying is used: what the logs of tasks and accounting say is held against what is booked.
 */
import assert from "node:assert/strict";
import type { Sql } from "../../src/platform/service.ts";

/** Whether a change of a task moves money. */
const isMoney = `e.data->>'change' <> 'edited'
  and (e.data->>'change' <> 'cancelled' or e.data->'cancellation'->'assigned' <> 'null')`;

/** Each question finds what must not be there. `$1` is the first period that is looked at. */
const questions: Record<string, string> = {
  "an event of a period stands behind its barrier, or one of a later period before it": `
    select e.partition, e.position, e.type, e.period, b.period as barrier
      from tasks.log e join tasks.log b on b.partition = e.partition and b.type = 'task.registration-ended'
     where e.type <> b.type and b.period >= $1
       and ((e.period <= b.period and e.position > b.position and e.period is not null)
         or (e.period > b.period and e.position < b.position))`,

  "a period that ended has not exactly one barrier in every partition": `
    select period, count(*), count(distinct partition) from tasks.log
     where type = 'task.registration-ended' and period >= $1
     group by period having count(*) <> 16 or count(distinct partition) <> 16`,

  "a barrier names another last task than the last one that the log holds": `
    select b.period, b.data->>'lastTaskNumber' as told,
           (select coalesce(max((t.data->>'number')::bigint), 0) from tasks.log t
             where t.type = 'task.created' and t.period <= b.period) as last
      from tasks.log b
     where b.type = 'task.registration-ended' and b.partition = 0 and b.period >= $1
       and (b.data->>'lastTaskNumber')::bigint <>
           (select coalesce(max((t.data->>'number')::bigint), 0) from tasks.log t
             where t.type = 'task.created' and t.period <= b.period)`,

  "the control totals of a barrier are not what stands before it": `
    with counted as (
      select partition, period, type, count(*) as n,
             sum(('x' || right(id::text, 8))::bit(32)::bigint)::text as checksum
        from tasks.log where period >= $1 and type <> 'task.registration-ended' group by 1, 2, 3),
    told as (
      select b.partition, b.period, c.key as type, (c.value->>'count')::bigint as n, c.value->>'checksum' as checksum
        from tasks.log b cross join lateral jsonb_each(b.control) c
       where b.type = 'task.registration-ended' and b.period >= $1)
    select * from counted full join told using (partition, period, type)
     where period in (select period from tasks.log where type = 'task.registration-ended')
       and (counted.n, counted.checksum) is distinct from (told.n, told.checksum)`,

  "accounting has taken in something else than the control totals say": `
    with told as (
      select b.partition, b.period, c.key as type, (c.value->>'count')::bigint as n, (c.value->>'checksum')::numeric as sum
        from tasks.log b join accounting.period p on p.number = b.period and p.closed_at is not null
       cross join lateral jsonb_each(b.control) c
       where b.type = 'task.registration-ended' and b.period >= $1 and c.key in ('task.created', 'task.updated'))
    select * from told full join (
        select i.* from accounting.intake i join accounting.period p on p.number = i.period and p.closed_at is not null
         where i.period >= $1 and i.type in ('task.created', 'task.updated')) i using (partition, period, type)
     where (told.n, told.sum) is distinct from (i.count, i.checksum::numeric)`,

  "an event of a closed period is missing in the ledger, doubled, or booked as something else": `
    with closed as (select number from accounting.period where closed_at is not null and number >= $1),
    price as materialized (
      select (data->>'taskId')::uuid as task_id, (data->>'feeMinor')::bigint as fee, (data->>'rewardMinor')::bigint as reward
        from (select type, data from accounting.log union all select type, data from accounting.outbox) own
       where type = 'task.priced'),
    wanted as (
      select e.period, e.partition, e.position, e.id as event_id, (e.data->>'assigneeId')::uuid as user_id,
             (e.data->>'taskId')::uuid as task_id,
             case e.data->>'change' when 'assigned' then 'fee' when 'done' then 'reward' when 'cancelled' then 'fee-reversal'
                                     else 'reward-reversal' end as kind,
             case when e.data->>'change' in ('assigned', 'cancelled') then p.fee else p.reward end as amount
        from tasks.log e left join price p on p.task_id = (e.data->>'taskId')::uuid
       where e.type = 'task.updated' and ${isMoney} and e.period in (select number from closed)),
    booked as (
      select period, partition, position, event_id, user_id, task_id, kind, amount_minor as amount
        from accounting.posting where source = 'tasks' and period in (select number from closed))
    select coalesce(w.period, b.period) as period, coalesce(w.partition, b.partition) as partition,
           coalesce(w.position, b.position) as position, w.kind as wanted, w.amount as wanted_amount, b.kind, b.amount
      from wanted w full join booked b using (period, partition, position)
     where (w.event_id, w.user_id, w.task_id, w.kind, w.amount) is distinct from
           (b.event_id, b.user_id, b.task_id, b.kind, b.amount)`,

  "a return of a fee does not name the fee of the assignment that it ends": `
    select e.period, e.partition, e.position, r.entry_id, a.entry_id as wanted
      from tasks.log e
      join accounting.period p on p.number = e.period and p.closed_at is not null
      left join accounting.fee_return r on r.period = e.period and r.partition = e.partition and r.position = e.position
      left join lateral (
        select concat_ws('-', a.period, 'tasks', a.epoch, a.partition, a.position, 0) as entry_id from tasks.log a
         where a.partition = e.partition and a.position < e.position and a.type = 'task.updated' and a.key = e.key
           and a.data->>'change' = 'assigned' order by a.position desc limit 1) a on true
     where e.type = 'task.updated' and e.data->>'change' = 'cancelled' and e.period >= $1
       and r.entry_id is distinct from case when e.data->'cancellation'->'assigned' <> 'null' then a.entry_id end`,

  "something happened to a task after it was cancelled": `
    select e.partition, e.position, e.type, e.data->>'change' as change
      from tasks.log e join tasks.log c on c.partition = e.partition and c.key = e.key and c.type = 'task.cancelled'
     where e.position > c.position and e.type <> 'task.cancelled'
       and coalesce(e.data->>'change', '') not in ('cancelled', 'edited')`,

  "a task was priced twice": `
    select data->>'taskId' from accounting.log where type = 'task.priced' group by 1 having count(*) > 1`,

  "a period was closed while an event of it had not even reached the log": `
    select o.period, o.type from tasks.outbox o
      join accounting.period p on p.number = o.period and p.closed_at is not null`,

  "a statement does not follow from the log, or does not begin where the one before it ended": `
    with closed as (select number from accounting.period where closed_at is not null and number >= $1),
    price as materialized (
      select (data->>'taskId')::uuid as task_id, (data->>'feeMinor')::bigint as fee, (data->>'rewardMinor')::bigint as reward
        from (select type, data from accounting.log union all select type, data from accounting.outbox) own
       where type = 'task.priced'),
    moved as (
      select e.period, (e.data->>'assigneeId')::uuid as user_id,
             coalesce(sum(case e.data->>'change' when 'done' then p.reward when 'cancelled' then p.fee end), 0) as credits,
             coalesce(sum(case e.data->>'change' when 'assigned' then p.fee when 'reopened' then p.reward end), 0) as debits
        from tasks.log e join price p on p.task_id = (e.data->>'taskId')::uuid
       where e.type = 'task.updated' and ${isMoney} and e.period in (select number from closed)
       group by 1, 2),
    carried as (
      select s.period + 1 as period, s.user_id, s.closing_minor as opening from accounting.statement s
       where s.period + 1 in (select number from closed)),
    wanted as (
      select period, user_id, coalesce(opening, 0) as opening, coalesce(credits, 0) as credits, coalesce(debits, 0) as debits
        from moved full join carried using (period, user_id)),
    told as (select * from accounting.statement where period in (select number from closed))
    select coalesce(w.period, t.period) as period, coalesce(w.user_id, t.user_id) as user_id, w.*, t.*
      from wanted w full join told t on t.period = w.period and t.user_id = w.user_id
     where (w.opening, w.credits, w.debits,
            greatest(w.opening + w.credits - w.debits, 0), least(w.opening + w.credits - w.debits, 0)) is distinct from
           (t.opening_minor, t.credits_minor, t.debits_minor, t.payout_minor, t.closing_minor)`,

  "the payouts that were posted are not those of the statements": `
    select * from (select period, user_id, payout_minor from accounting.statement where payout_minor > 0 and period >= $1) s
      full join (select period, user_id, amount_minor from accounting.posting where kind = 'payout' and period >= $1) p
           using (period, user_id)
     where s.payout_minor is distinct from p.amount_minor`,

  "debits and credits of all accounts do not cancel out": `
    select period, sum(credits_minor) - sum(debits_minor) as difference from accounting.balance where period >= $1
     group by period having sum(credits_minor) <> sum(debits_minor)`,

  "billing.closed does not stand once in every partition": `
    select period, count(*) from accounting.log where type = 'billing.closed' and period >= $1
     group by period having count(*) <> 16 or count(distinct partition) <> 16`,

  "a task is done without having been, in its log": `
    select t.task_id, t.status, t.assignee_id, e.done
      from tasks.task t
      left join (select (data->>'taskId')::uuid as task_id, count(*) filter (where data->>'change' = 'done')
                        - count(*) filter (where data->>'change' = 'reopened') as done
                   from (select data from tasks.log where type = 'task.updated'
                         union all select data from tasks.outbox where type = 'task.updated') e group by 1) e using (task_id)
     where case t.status when 'done' then 1 else 0 end is distinct from coalesce(e.done, 0)`,

  "somebody was given less or more open tasks than the log says": `
    select t.task_id, t.assignee_id, e.assignee
      from tasks.task t
      join (select distinct on (data->>'taskId') (data->>'taskId')::uuid as task_id, (data->>'assigneeId')::uuid as assignee
              from tasks.log where type = 'task.updated' order by data->>'taskId', position desc) e using (task_id)
     where t.assignee_id is distinct from e.assignee
       and not exists (select from tasks.outbox)`,
};

/** Whatever is closed is right, at any moment: with events under way, services down, in the middle of a fault. */
export async function assertClosedIsExact(owner: Sql, from: number, where: string): Promise<void> {
  // One after the other: a question to the logs of two servers may take long, and the next would wait for a connection.
  for (const [problem, question] of Object.entries(questions)) {
    // Materialised, or it would be planned for its first rows, of which there are none: nested loops over everything.
    const text = `with found as materialized (${question}) select to_jsonb(found) as row from found limit 5`;
    const rows = await owner(text, question.includes("$1") ? [from] : []);
    assert.deepEqual(
      rows.map((row) => row["row"]),
      [],
      `${where}: ${problem}`,
    );
  }
}

/** Nothing is under way any more: every period that ended is closed and checked, and nothing waits in the dead letters. */
export async function assertAllClosed(owner: Sql, where: string): Promise<void> {
  const [state] = await owner<{ open: number; unclosed: number[] | null; periods: number; unchecked: number }>(
    `select (select period from tasks.registration) as open,
            (select array_agg(number order by number) from accounting.period p, tasks.registration r
              where p.number < r.period and closed_at is null) as unclosed,
            (select count(*) from accounting.period) as periods,
            (select count(*) from accounting.closing c
              where not exists (select from accounting.close_check k where k.period = c.period and k.ok)) as unchecked`,
  );
  assert.equal(state?.unclosed, null, `${where}: periods that ended are not closed`);
  assert.equal(state?.periods, state?.open, `${where}: accounting knows another number of periods than tasks`);
  assert.equal(state?.unchecked, 0, `${where}: a close was not checked, or its check found something`);
  for (const service of ["tasks", "accounting", "analytics", "notifications"]) {
    const letters = await owner(
      `select consumer, type, status, reason from ${service}.dead_letter where status in ('dead', 'deferred', 'parked') limit 5`,
    );
    assert.deepEqual(letters, [], `${where}: ${service} has put events aside`);
  }
}
