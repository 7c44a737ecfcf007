-- The ledger. One row is one posting of two legs, so a sum that is not zero cannot be written down.
-- `source, epoch, partition, position` say which event was booked; a payout has accounting as source and, as position, its
-- number among the payouts of its partition in the order of user ids (log positions are given after the commit only).
-- No foreign keys and no index on random ids: they cost more than the posting itself, and `verify` finds what they would.
create table posting (
  position       bigint not null,
  amount_minor   bigint not null check (amount_minor > 0),
  -- Business time of what was booked.
  occurred_at    timestamptz not null,
  event_id       uuid not null,
  user_id        uuid not null,
  task_id        uuid,
  period         int not null,
  epoch          int not null,
  debit_account  int not null,
  credit_account int not null,
  partition      smallint not null check (partition between 0 and 15),
  leg            smallint not null,
  source         text not null,
  kind           text not null check (kind in ('fee', 'reward', 'reward-reversal', 'payout')),
  primary key (period, source, epoch, partition, position, leg),
  check (debit_account <> credit_account)
) partition by range (period);
comment on table posting is 'append-only';
-- The audit log is read newest first, of everybody or of one popug.
create index posting_newest on posting (period, occurred_at);
create index posting_of_user on posting (user_id, period, occurred_at);
create unique index posting_one_payout on posting (period, user_id) where kind = 'payout';

-- Movements of each account per period; payouts are not among them, they belong to the statement.
create table balance (
  period        int not null,
  account_id    int not null,
  debits_minor  bigint not null check (debits_minor >= 0),
  credits_minor bigint not null check (credits_minor >= 0),
  primary key (period, account_id)
) with (fillfactor = 70);

-- The rolling hash over what was booked, event by event in the order of positions.
create table block_head (
  period        int not null,
  source        text not null,
  partition     smallint not null,
  head          text not null check (head ~ '^[0-9a-f]{64}$'),
  lines         bigint not null,
  last_epoch    int not null,
  last_position bigint not null,
  -- An event was applied behind a later one (a redriven dead letter): the close computes the head anew.
  dirty         boolean not null,
  primary key (period, source, partition)
) with (fillfactor = 50);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only, % refused', tg_table_name, lower(tg_op) using errcode = 'integrity_constraint_violation';
end $$;

-- No row enters a closed period. Locks the row of the period shared, so that a close that is under way is waited for:
-- a guard that only read would let a row slip in between the close's reading and its commit.
create function refuse_closed_period() returns trigger language plpgsql set search_path = {{schema}}, pg_temp as $$
declare
  touched record;
  found_periods int := 0;
begin
  for touched in
    select number, closed_at from period where number in (select period from added) order by number for share
  loop
    found_periods := found_periods + 1;
    if touched.closed_at is not null then
      raise exception 'period % is closed, % refuses rows', touched.number, tg_table_name
        using errcode = 'integrity_constraint_violation';
    end if;
  end loop;
  if found_periods < (select count(distinct period) from added) then
    raise exception 'a row of % names a period that was never opened', tg_table_name
      using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;

-- Rules that have to stand on each table that rows can be written to by name (so also on each partition of postings).
create function protect_books(of_table regclass) returns void language plpgsql set search_path = {{schema}}, pg_temp as $$
begin
  execute format('create trigger closed_periods after insert on %s referencing new table as added
                  for each statement execute function refuse_closed_period()', of_table);
  execute format('create trigger no_truncate before truncate on %s for each statement execute function refuse_change()',
                 of_table);
end $$;
revoke execute on function protect_books(regclass) from public;

create trigger append_only before update or delete on posting for each row execute function refuse_change();
select protect_books('posting');

-- A closed period stays as it is; nothing is ever taken away.
create function refuse_reopening() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.closed_at is not null
     or (old.number, old.business_date, old.part, old.label, old.began_at, old.ends_at, old.currency)
        is distinct from (new.number, new.business_date, new.part, new.label, new.began_at, new.ends_at, new.currency) then
    raise exception 'period % cannot be changed', old.number using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger stays_closed before update or delete on period for each row execute function refuse_reopening();
create trigger no_truncate before truncate on period for each statement execute function refuse_change();

do $$
declare name text;
begin
  foreach name in array array['price', 'barrier', 'close_request', 'period_opening'] loop
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_change()', name);
    execute format('create trigger no_truncate before truncate on %I for each statement execute function refuse_change()', name);
  end loop;
end $$;

-- Opens a period and makes room for its postings. The owner's rights are needed for the new partition only; attaching
-- (instead of creating it as a partition) leaves writers of other periods undisturbed.
-- Any number of calls for the same period are one; a call that contradicts what is known is refused.
create function open_period(n int, on_date date, n_part int, n_label text, begins timestamptz, ends timestamptz, money text)
returns void language plpgsql security definer set search_path = {{schema}}, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('{{schema}}.open_period', 0));
  if exists (select from period where number = n) then
    if not exists (select from period where number = n and business_date = on_date and part = n_part and ends_at = ends) then
      raise exception 'period % was opened as something else', n using errcode = 'integrity_constraint_violation';
    end if;
    return;
  end if;
  if n <> (select coalesce(max(number), 0) + 1 from period) then
    raise exception 'period % cannot follow on %', n, (select max(number) from period)
      using errcode = 'integrity_constraint_violation';
  end if;
  insert into period (number, business_date, part, label, began_at, ends_at, currency)
  values (n, on_date, n_part, n_label, begins, ends, money);
  execute format('create table posting_%s (like posting including defaults including constraints)', n);
  execute format('comment on table posting_%s is %L', n, 'append-only');
  execute format('alter table posting attach partition posting_%s for values from (%s) to (%s)', n, n, n + 1);
  perform protect_books(format('posting_%s', n)::regclass);
end $$;
