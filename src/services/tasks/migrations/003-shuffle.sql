create table shuffle (
  shuffle_id    uuid primary key,
  started_by    uuid not null,
  started_at    timestamptz not null,
  finished_at   timestamptz,
  status        text not null default 'running' check (status in ('running', 'finished')),
  -- Open tasks when it began.
  total         int not null,
  drawn         int not null default 0,
  -- It goes through the open tasks in the order of their ids: behind this one, null at the beginning …
  after_task_id uuid,
  -- … and up to this one, null when there was none. Tasks that appear later were drawn when they appeared.
  last_task_id  uuid
);
create unique index one_shuffle_at_a_time on shuffle (status) where status = 'running';
