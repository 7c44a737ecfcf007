-- What people let applications of others have, until they take it back.
create table application_consent (
  user_id   uuid not null references users,
  client_id text not null,
  scopes    text[] not null,
  given_at  timestamptz not null default clock_timestamp(),
  primary key (user_id, client_id)
);

-- For which application an artefact was made, so that all that one holds of a person can be ended.
alter table oidc_artefact add column client_id text;
