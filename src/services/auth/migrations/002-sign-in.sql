-- What proves that somebody is who they say.
create table credential (
  user_id       uuid primary key references users,
  -- argon2id in PHC form: parameters and salt stand in it.
  password_hash text not null,
  changed_at    timestamptz not null default clock_timestamp()
);

-- Attempts since the last success, per login that was tried, known or not: an unknown one is slowed down alike.
create table sign_in_attempt (
  login_hmac    bytea primary key,
  attempts      int not null,
  last_at       timestamptz not null,
  blocked_until timestamptz
);
create index sign_in_attempt_last_at on sign_in_attempt (last_at);

-- What the OpenID provider keeps: sessions, grants, codes, refresh tokens, interactions. Names are HMACs and contents are
-- sealed, so that a copy of this table lets nobody in.
create table oidc_artefact (
  kind        text not null,
  id_hmac     bytea not null,
  grant_hmac  bytea,
  uid_hmac    bytea,
  -- Whose it is; all of them go when the person is deactivated.
  user_id     uuid,
  sealed      bytea not null,
  consumed_at timestamptz,
  expires_at  timestamptz not null,
  primary key (kind, id_hmac)
);
create index oidc_artefact_grant on oidc_artefact (grant_hmac) where grant_hmac is not null;
create index oidc_artefact_uid on oidc_artefact (uid_hmac) where uid_hmac is not null;
create index oidc_artefact_user on oidc_artefact (user_id) where user_id is not null;
create index oidc_artefact_expires_at on oidc_artefact (expires_at);

-- Who did what to whom, as far as security is concerned.
create table security_audit (
  entry   bigint generated always as identity primary key,
  at      timestamptz not null default clock_timestamp(),
  kind    text not null,
  actor   text not null,
  user_id uuid,
  details jsonb not null default '{}'
);
comment on table security_audit is 'append-only';
create index security_audit_user on security_audit (user_id, entry);
