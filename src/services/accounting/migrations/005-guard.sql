-- What the first rules left open: sums and hashes of a closed period could be changed by the service's own role, an
-- account be given to somebody else, a period be shut without having been closed.

-- Movements, block heads and what was taken in belong to a period like its postings: they stand still when it is closed.
do $$
declare name text;
begin
  foreach name in array array['balance', 'block_head', 'intake'] loop
    execute format('create trigger closed_periods after insert on %I referencing new table as added
                    for each statement execute function refuse_closed_period()', name);
    execute format('create trigger closed_periods_to after update on %I referencing new table as added
                    for each statement execute function refuse_closed_period()', name);
    execute format('create trigger closed_periods_from after update on %I referencing old table as added
                    for each statement execute function refuse_closed_period()', name);
    execute format('create trigger no_delete before delete on %I for each row execute function refuse_change()', name);
    execute format('create trigger no_truncate before truncate on %I for each statement execute function refuse_change()', name);
  end loop;
end $$;

-- Whose an account is does not change.
comment on table account is 'append-only';
revoke update, delete on account from {{role}};
create trigger append_only before update or delete on account for each row execute function refuse_change();
create trigger no_truncate before truncate on account for each statement execute function refuse_change();

-- A statement begins with what the one before ended with, and tells the movements that were booked. With the checks of its
-- row: opening + credits − debits − payout = closing, from the first period to the last.
create function refuse_wrong_statement() returns trigger language plpgsql set search_path = {{schema}}, pg_temp as $$
declare
  wrong record;
begin
  select s.period, s.user_id into wrong
    from added s
    left join statement before on before.period = s.period - 1 and before.account_id = s.account_id
    left join balance moved on moved.period = s.period and moved.account_id = s.account_id
    left join account a on a.id = s.account_id
   where (s.opening_minor, s.credits_minor, s.debits_minor, s.user_id)
         is distinct from (coalesce(before.closing_minor, 0), coalesce(moved.credits_minor, 0), coalesce(moved.debits_minor, 0),
                           a.user_id)
   limit 1;
  if found then
    raise exception 'the statement of % for period % does not follow from the books', wrong.user_id, wrong.period
      using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create trigger follows_from_books after insert on statement referencing new table as added
  for each statement execute function refuse_wrong_statement();

-- A period is shut by its close, behind its predecessor, and in no other way.
create function refuse_shutting() returns trigger language plpgsql set search_path = {{schema}}, pg_temp as $$
begin
  if not exists (select from closing where period = new.number and closed_at = new.closed_at)
     or exists (select from period where number = new.number - 1 and closed_at is null) then
    raise exception 'period % is not shut without its close', new.number using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger shut_by_close before update on period for each row
  when (old.closed_at is null and new.closed_at is not null) execute function refuse_shutting();
create trigger born_open before insert on period for each row
  when (new.closed_at is not null) execute function refuse_shutting();
