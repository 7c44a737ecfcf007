-- The service's own replica of the personal access tokens, kept by the events of auth.
create table personal_token (
  token_id   uuid primary key,
  user_id    uuid not null,
  -- SHA-256 of the token: 256 random bits need no slower one.
  hash       bytea not null unique,
  scopes     text[] not null,
  -- Real time.
  expires_at timestamptz not null,
  revoked    boolean not null default false
);
