-- Browsers that are signed in. The browser holds a random cookie, we its hash and, sealed, the tokens.
create table web_session (
  cookie_hash       bytea primary key,
  -- What the session is called where it is shown and ended.
  session_id        uuid not null unique,
  user_id           uuid not null references users,
  -- The provider's name of its own session, from which this one came.
  sid               text,
  sealed            bytea not null,
  access_expires_at timestamptz not null,
  -- Somebody is getting new tokens; until then nobody else does.
  refreshing_until  timestamptz,
  -- What the browser says it is, for people who look at their sessions.
  device            text not null check (length(device) <= 200),
  created_at        timestamptz not null default clock_timestamp(),
  last_seen_at      timestamptz not null default clock_timestamp(),
  expires_at        timestamptz not null
);
create index web_session_user on web_session (user_id, created_at);
create index web_session_sid on web_session (sid);
create index web_session_expires_at on web_session (expires_at);

-- Which applications were signed in to from which session of the provider, so that they can be told when it ends.
create table application_login (
  sid          text not null,
  client_id    text not null,
  user_id      uuid not null,
  session_hmac bytea not null,
  grant_hmac   bytea,
  expires_at   timestamptz not null,
  primary key (sid, client_id)
);
create index application_login_user on application_login (user_id);
create index application_login_session on application_login (session_hmac);
create index application_login_expires_at on application_login (expires_at);

-- Applications that have to be told that somebody was signed out (OpenID Connect Back-Channel Logout).
create table logout_notice (
  notice_id bigint generated always as identity primary key,
  client_id text not null,
  sid       text not null,
  user_id   uuid not null,
  attempts  int not null default 0,
  next_at   timestamptz not null default clock_timestamp()
);
create index logout_notice_next_at on logout_notice (next_at);
