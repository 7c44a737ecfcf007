-- Personal access tokens, for scripts. The same names as in the replica of the other services: requests to auth are
-- decided by the truth, in the same words.
create table personal_token (
  token_id     uuid primary key,
  user_id      uuid not null references users,
  name         text not null check (length(name) between 1 and 100),
  hash         bytea not null unique,
  scopes       text[] not null check (cardinality(scopes) >= 1),
  created_at   timestamptz not null default clock_timestamp(),
  expires_at   timestamptz not null,
  revoked      boolean not null default false,
  last_used_on date
);
create index personal_token_user on personal_token (user_id, created_at);
