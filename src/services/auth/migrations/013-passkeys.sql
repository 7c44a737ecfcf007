-- Passkeys (WebAuthn): public keys of authenticators. Nothing here opens anything.
create table passkey (
  -- As the authenticator names it, base64url.
  credential_id text primary key check (length(credential_id) <= 1400),
  passkey_id    uuid not null unique,
  user_id       uuid not null references users,
  public_key    bytea not null,
  counter       bigint not null,
  transports    text[] not null,
  name          text not null check (length(name) between 1 and 100),
  -- Whether it may live on more devices than one.
  backed_up     boolean not null,
  created_at    timestamptz not null default clock_timestamp(),
  last_used_on  date
);
create index passkey_user on passkey (user_id, created_at);

-- What a new passkey has to sign; one per person at a time.
create table passkey_challenge (
  user_id        uuid primary key references users,
  challenge_hash bytea not null,
  expires_at     timestamptz not null
);

-- Since when somebody has held a role that may require a passkey; the period of grace counts from it.
alter table users add column privileged_since timestamptz;
update users set privileged_since = clock_timestamp() where roles && array['accountant', 'admin'];
create function note_privilege() returns trigger language plpgsql set search_path = {{schema}}, pg_temp as $$
begin
  if not new.roles && array['accountant', 'admin'] then new.privileged_since := null;
  elsif new.privileged_since is null then new.privileged_since := clock_timestamp();
  end if;
  return new;
end $$;
create trigger note_privilege before insert or update of roles on users for each row execute function note_privilege();
