-- Links that let somebody set a password. Only hashes of their tokens are stored, and they travel in no event.
create table invitation (
  invitation_id uuid primary key,
  login         text not null,
  name          text not null,
  email         text not null,
  roles         text[] not null,
  language      text not null,
  -- Null: the mail that carries the link is not on its way yet.
  token_hash    bytea unique,
  invited_by    uuid not null references users,
  created_at    timestamptz not null default clock_timestamp(),
  expires_at    timestamptz not null,
  ended_at      timestamptz,
  outcome       text check (outcome in ('accepted', 'revoked')),
  check ((ended_at is null) = (outcome is null))
);
-- A login is held for whoever was invited with it.
create unique index invitation_pending on invitation (login) where ended_at is null;
create index invitation_newest on invitation (created_at desc, invitation_id desc) where ended_at is null;

create table password_link (
  link_id    uuid primary key,
  user_id    uuid not null references users,
  token_hash bytea unique,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  used_at    timestamptz
);
create index password_link_user on password_link (user_id) where used_at is null;

-- Mails with such a link. Its token is made when it is sent, anew for each attempt: until then there is nothing to steal.
create table secret_mail (
  mail_id         uuid primary key,
  kind            text not null check (kind in ('invitation', 'password')),
  -- The invitation or the link.
  about           uuid not null,
  attempts        int not null default 0,
  next_attempt_at timestamptz not null default clock_timestamp(),
  created_at      timestamptz not null default clock_timestamp()
);
create index secret_mail_due on secret_mail (next_attempt_at);

-- Who said that they forgot their password, as they typed it. Whether there is such a person is looked up later, so that
-- the answer is the same, and takes as long, for everybody.
create table password_request (
  asked      text primary key check (length(asked) <= 254),
  asked_at   timestamptz not null default clock_timestamp(),
  handled_at timestamptz
);
