-- Under which names of another OpenID provider people are known. A name is given once and for ever. The same table as in
-- the replica of the other services: requests to auth are decided by the truth, in the same words.
create table person_identity (
  -- Issuer and subject, with a blank between them.
  identity text primary key,
  user_id  uuid not null references users
);
create index person_identity_user on person_identity (user_id);
