-- The open period is ONE row, which ending the period updates. Never a row per period found by its status: under READ
-- COMMITTED a transaction that waited for the end of a period would find no row at all.
-- Period 0 is the time before the first period. It is always due, so that the first command (or the first look of the
-- job) ends it and begins period 1 on the local date of that moment.
create table registration (
  only_row      boolean primary key default true check (only_row),
  period        bigint not null,
  business_date date,
  part          int not null,
  began_at      timestamptz not null,
  ends_at       timestamptz not null
);
insert into registration (period, part, began_at, ends_at) values (0, 0, '-infinity', '-infinity');

-- Joins the open period until the end of the transaction. The lock is taken in a statement BEFORE the one that reads the
-- row: the snapshot of a statement is older than the lock it waits for. 1413567307 is 'TASK'; its second key 1 is the
-- registration, 2 the eligible popugs.
create function register() returns table (period bigint, now timestamptz, due boolean)
language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock_shared(1413567307, 1);
  return query
    select r.period, clock.now, clock.now >= r.ends_at
      from registration r, (select popug.business_now() as now) as clock;
end $$;

-- Waits for every transaction that joined the open period, keeps new ones waiting, and reads the row.
create function lock_registration()
returns table (period bigint, business_date date, part int, ends_at timestamptz, now timestamptz, last_task_number bigint)
language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock(1413567307, 1);
  return query
    select r.period, r.business_date, r.part, nullif(r.ends_at, '-infinity'), popug.business_now(),
           coalesce((select max(t.number) from task t), 0)
      from registration r;
end $$;
