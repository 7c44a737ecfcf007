-- Under which names of another OpenID provider people are known; kept by the events of auth.
create table person_identity (
  -- Issuer and subject, with a blank between them.
  identity text primary key,
  user_id  uuid not null
);
