-- The service's own replica of the people of the company, kept by the events of auth.
create table person (
  user_id    uuid primary key,
  login      text not null,
  name       text not null,
  email      text not null,
  roles      text[] not null,
  language   text not null,
  active     boolean not null,
  version    int not null,
  -- Tokens issued before are no longer good.
  valid_from timestamptz not null
);
create index person_login on person (login);
