-- What counts in a period (price ranges, zone, closing time), as the end of the one before told; null for those that were opened
-- before settings had versions. It never changes, like the rest of a period.
alter table period add column settings jsonb;
create function refuse_other_settings() returns trigger language plpgsql as $$
begin
  raise exception 'the settings of period % cannot be changed', old.number using errcode = 'integrity_constraint_violation';
end $$;
create trigger same_settings before update on period for each row
  when (old.settings is distinct from new.settings) execute function refuse_other_settings();

-- Opens a period as before, with what counts in it. The currency stays that of the period before once anything has moved in it.
drop function open_period(int, date, int, text, timestamptz, timestamptz, text);
create function open_period(n int, on_date date, n_part int, n_label text, begins timestamptz, ends timestamptz, money text,
                            told jsonb default null)
returns text language plpgsql security definer set search_path = {{schema}}, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('{{schema}}.open_period', 0));
  if exists (select from period where number = n) then
    if not exists (select from period where number = n and business_date = on_date and part = n_part and ends_at = ends) then
      raise exception 'period % was opened as something else', n using errcode = 'integrity_constraint_violation';
    end if;
    return (select currency from period where number = n);
  end if;
  if n <> (select coalesce(max(number), 0) + 1 from period) then
    raise exception 'period % cannot follow on %', n, (select max(number) from period)
      using errcode = 'integrity_constraint_violation';
  end if;
  if exists (select from balance) then
    money := coalesce((select currency from period where number = n - 1), money);
  end if;
  insert into period (number, business_date, part, label, began_at, ends_at, currency, settings)
  values (n, on_date, n_part, n_label, begins, ends, money, told);
  execute format('create table posting_%s (like posting including defaults including constraints)', n);
  execute format('comment on table posting_%s is %L', n, 'append-only');
  execute format('alter table posting attach partition posting_%s for values from (%s) to (%s)', n, n, n + 1);
  perform protect_books(format('posting_%s', n)::regclass);
  return money;
end $$;
