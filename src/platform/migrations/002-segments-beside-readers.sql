-- A segment is made as a table of its own and then attached: that waits for nobody who reads the log, where
-- "create table … partition of" would wait for every reader, and let every later reader wait for it.
create or replace function ensure_log_segment(at bigint) returns void language plpgsql security definer
set search_path = {{schema}}, pg_temp as $$
declare
  segment bigint := at / 1000000;
begin
  if to_regclass(format('{{schema}}.log_%s', segment)) is not null then return; end if;
  execute format('create table log_%s (like log including all)', segment);
  execute format('alter table log attach partition log_%s for values from (%s) to (%s)',
                 segment, segment * 1000000, (segment + 1) * 1000000);
end $$;

create index dead_letter_ended on dead_letter (ended_at) where status = 'redriven' and edited is null;
