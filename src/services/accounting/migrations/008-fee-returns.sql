-- A task that is cancelled gives the fee of its present assignment back: which entry each such posting (of source "tasks",
-- leg 0) takes back. An entry is taken back once: by a correction or by a return.
create table fee_return (
  entry_id  text primary key,
  period    int not null,
  epoch     int not null,
  partition smallint not null,
  position  bigint not null,
  unique (period, epoch, partition, position)
);
comment on table fee_return is 'append-only';

-- Whoever corrects or gives back holds the lock of corrections, so that neither looks past the other.
create function refuse_second_reversal() returns trigger language plpgsql set search_path = {{schema}}, pg_temp as $$
begin
  if exists (select from correction where entry_id = new.entry_id) and exists (select from fee_return where entry_id = new.entry_id) then
    raise exception 'entry % was taken back already', new.entry_id using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger once after insert on fee_return for each row execute function refuse_second_reversal();
create trigger once after insert on correction for each row execute function refuse_second_reversal();
select protect_books('fee_return');
create trigger append_only before update or delete on fee_return for each row execute function refuse_change();
