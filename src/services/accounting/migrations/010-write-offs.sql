-- Somebody left below zero: their debt is carried on, or given up by two people. The company bears it.
create table write_off_request (
  id           uuid primary key,
  user_id      uuid not null,
  amount_minor bigint not null check (amount_minor > 0),
  reason       text not null check (length(trim(reason)) >= 3),
  requested_by uuid not null,
  requested_at timestamptz not null,
  constraint write_off_request_not_own check (requested_by <> user_id)
);
comment on table write_off_request is 'append-only';

-- Agreed on: `period, partition, position` is the place of its posting, whose source is "debt".
create table write_off (
  request_id  uuid primary key,
  period      int not null,
  partition   smallint not null,
  position    bigint not null check (position >= 1),
  approved_by uuid not null,
  posted_at   timestamptz not null,
  unique (period, position)
);
comment on table write_off is 'append-only';

-- What is given up was asked for, and agreed on by somebody else, who is not the debtor.
create function refuse_lone_write_off() returns trigger language plpgsql set search_path = {{schema}}, pg_temp as $$
declare
  asked write_off_request;
begin
  select * into asked from write_off_request where id = new.request_id;
  if asked.id is null or new.approved_by in (asked.requested_by, asked.user_id)
     or new.partition is distinct from (select partition from account where user_id = asked.user_id) then
    raise exception 'the write-off % was not agreed on', new.request_id using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger agreed before insert on write_off for each row execute function refuse_lone_write_off();
select protect_books('write_off');
create trigger append_only before update or delete on write_off for each row execute function refuse_change();
create trigger append_only before update or delete on write_off_request for each row execute function refuse_change();
create trigger no_truncate before truncate on write_off_request for each statement execute function refuse_change();
