-- Failed sign-ins per network they came from; what was spent comes back with time.
create table sign_in_source (
  source_hmac bytea primary key,
  spent       float8 not null,
  last_at     timestamptz not null
);
create index sign_in_source_last_at on sign_in_source (last_at);
