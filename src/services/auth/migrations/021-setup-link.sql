-- The one link with which the first admin is made. Only its hash is here, and only while nobody is there.
create table setup_link (
  only_one   boolean primary key default true check (only_one),
  token_hash bytea not null,
  expires_at timestamptz not null
);
