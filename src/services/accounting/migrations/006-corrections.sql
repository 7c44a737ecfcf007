-- An accountant corrects an entry: the old posting is reversed and a new one made, both in the open period; the entry itself
-- stays as it is.
alter table posting drop constraint posting_kind_check;
alter table posting add constraint posting_kind_check
  check (kind in ('fee', 'fee-reversal', 'reward', 'reward-reversal', 'payout'));

-- Whoever found the mistake.
create table correction_request (
  id            uuid primary key,
  entry_id      text not null,
  user_id       uuid not null,
  task_id       uuid,
  kind          text not null check (kind in ('fee', 'reward')),
  -- The source partition of the entry, in which its correction stands, too.
  partition     smallint not null check (partition between 0 and 15),
  was_minor     bigint not null,
  becomes_minor bigint not null check (becomes_minor >= 0),
  -- The business day of the entry; a correction of a correction is about the day of the first one.
  effective_day date not null,
  reason        text not null check (length(trim(reason)) >= 3),
  requested_by  uuid not null,
  requested_at  timestamptz not null,
  needs_second  boolean not null,
  check (was_minor <> becomes_minor),
  check (requested_by <> user_id)
);
comment on table correction_request is 'append-only';

-- Posted: `period, partition, position` is the place of its postings, whose source is "correction".
create table correction (
  request_id  uuid primary key,
  -- An entry is corrected once; a second mistake is one of the new entry.
  entry_id    text not null unique,
  period      int not null,
  partition   smallint not null,
  position    bigint not null check (position >= 1),
  approved_by uuid,
  posted_at   timestamptz not null,
  unique (period, position)
);
comment on table correction is 'append-only';

-- A correction is one that was asked for, as it was; two people above the limit, neither of them the one whose account it is.
create function refuse_lone_correction() returns trigger language plpgsql set search_path = {{schema}}, pg_temp as $$
declare
  asked correction_request;
begin
  select * into asked from correction_request where id = new.request_id;
  if asked.entry_id is distinct from new.entry_id or asked.partition is distinct from new.partition
     or (asked.needs_second and new.approved_by is null)
     or new.approved_by in (asked.requested_by, asked.user_id) then
    raise exception 'the correction of % was not agreed on', new.entry_id using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger agreed before insert on correction for each row execute function refuse_lone_correction();
select protect_books('correction');
create trigger append_only before update or delete on correction for each row execute function refuse_change();
create trigger append_only before update or delete on correction_request for each row execute function refuse_change();
create trigger no_truncate before truncate on correction_request for each statement execute function refuse_change();
