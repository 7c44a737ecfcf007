-- Days away, both included, in the company's calendar. Who is away is not drawn; what they hold stays or is drawn anew.
create table absence (
  absence_id   uuid primary key,
  user_id      uuid not null,
  first_day    date not null,
  last_day     date not null,
  -- Their open tasks go to others when it begins.
  reassign     boolean not null,
  note         text not null check (length(note) <= 200),
  marked_by    uuid not null,
  marked_at    timestamptz not null,
  cancelled_by uuid,
  cancelled_at timestamptz,
  check (last_day between first_day and first_day + 366),
  check ((cancelled_by is null) = (cancelled_at is null))
);
create index absence_of_user on absence (user_id, first_day) where cancelled_at is null;

-- The day is that of the open period: whoever draws has joined the period, so it stays what it is until they commit. No
-- timer has to come along for a day away to begin.
create view away_person as
  select a.user_id, bool_or(a.reassign) as reassign
    from absence a join registration r on r.business_date between a.first_day and a.last_day
   where a.cancelled_at is null group by a.user_id;

-- Who may be drawn today, and who keeps what they hold.
create view drawn_person as
  select user_id, name from eligible_person p where not exists (select from away_person a where a.user_id = p.user_id);
create view holding_person as
  select user_id from eligible_person p where not exists (select from away_person a where a.user_id = p.user_id and a.reassign);

create trigger absence_changed after insert or update or delete on absence
  for each statement execute function renew_people_token();

-- A token of the people on a day: another day has another one.
create view draw_token as
  select t.token || ' ' || coalesce(r.business_date::text, '') as token from people_token t, registration r;

drop function eligible(uuid);
create function eligible(known text) returns table (token text, ids uuid[])
language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock_shared(1413567307, 2);
  return query
    select t.token, case when t.token is distinct from known then array(select user_id from drawn_person order by user_id) end
      from draw_token t;
end $$;
