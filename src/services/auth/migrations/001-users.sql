-- The people of the company. Auth is where they are true; every other service has a replica fed by our events.
create table users (
  user_id    uuid primary key,
  -- What one signs in with; stored in lower case, so that it is unique however it is typed.
  login      text collate "C" not null unique check (login ~ '^[a-z0-9._-]{2,60}$'),
  name       text not null check (length(name) between 1 and 200),
  email      text not null check (length(email) <= 254),
  roles      text[] not null check (cardinality(roles) >= 1 and roles <@ array['worker', 'manager', 'accountant', 'admin']),
  language   text not null check (language in ('en', 'ru')),
  status     text not null check (status in ('active', 'inactive')),
  version    int not null check (version >= 1),
  -- Real time. Tokens count whole seconds: the second of the creation begins it, so that the first token is good.
  valid_from timestamptz not null default date_trunc('second', clock_timestamp()),
  created_at timestamptz not null
);
create index users_active_admin on users (user_id) where status = 'active' and 'admin' = any (roles);

-- The same columns as the replica of the other services: requests to auth are decided by the truth, in the same words.
create view person as
  select user_id, login, name, email, roles, language, status = 'active' as active, version, valid_from from users;
