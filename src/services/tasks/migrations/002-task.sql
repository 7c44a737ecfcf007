create table task (
  -- UUIDv7, made in the order in which tasks appear: newest first is descending by it.
  task_id     uuid primary key,
  -- For people. Unique and increasing; a rolled-back transaction leaves a gap.
  number      bigint generated always as identity unique,
  title       text not null check (length(title) between 1 and 500),
  jira_id     text check (length(jira_id) <= 60),
  description text not null check (length(description) <= 10000),
  status      text not null default 'in_progress' check (status in ('in_progress', 'done', 'cancelled')),
  -- Null: nobody could be drawn, the task waits.
  assignee_id uuid,
  assigned_at timestamptz,
  assigned_period bigint,
  created_by  uuid not null,
  created_at  timestamptz not null,
  done_at     timestamptz,
  done_period bigint,
  cancelled_at  timestamptz,
  cancelled_by  uuid,
  cancel_reason text,
  version     int not null default 1,
  check ((status = 'done') = (done_at is not null)),
  check ((status = 'done') = (done_period is not null)),
  check ((status = 'cancelled') = (cancelled_at is not null and cancelled_by is not null and cancel_reason is not null)),
  check (status <> 'done' or assignee_id is not null),
  check ((assignee_id is null) = (assigned_period is null))
);
-- Shuffles and the list of open tasks walk along it; finished tasks, however many, do not slow them.
create index task_open on task (task_id) where status = 'in_progress';
create index task_cancelled on task (task_id) where status = 'cancelled';
-- A popug's own page, the tasks of somebody deactivated, and (null) the tasks that wait.
create index task_of_assignee on task (assignee_id, status, task_id);

-- Who takes part in the draw: active, and neither manager nor admin.
create view eligible_person as
  select user_id, name from person where active and not roles && array['manager', 'admin'];

-- A token that stands for the set of people as it is; every change of `person` makes a new one. Who knows the set behind
-- a token need not read it again, so that a single draw costs the same among ten popugs and among a hundred thousand.
create table people_token (
  only_row boolean primary key default true check (only_row),
  token    uuid not null
);
insert into people_token (token) values (gen_random_uuid());

create function renew_people_token() returns trigger language plpgsql set search_path from current as $$
begin
  update people_token set token = gen_random_uuid();
  return null;
end $$;
create trigger people_changed after insert or update or delete or truncate on person
  for each statement execute function renew_people_token();

-- The popugs among whom to draw. They stay the eligible ones until the end of the transaction. `ids` is null when the
-- set is the one behind the token that the caller knows. As in `register`, the lock is taken in a statement of its own.
create function eligible(known uuid) returns table (token uuid, ids uuid[])
language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock_shared(1413567307, 2);
  return query
    select t.token,
           case when t.token is distinct from known then array(select user_id from eligible_person order by user_id) end
      from people_token t;
end $$;

-- Waits for all draws in flight and keeps new ones waiting: for whoever changes who is eligible.
create function lock_eligibility() returns void
language sql volatile as $$ select pg_advisory_xact_lock(1413567307, 2) $$;
