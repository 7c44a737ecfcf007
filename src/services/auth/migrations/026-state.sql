-- Everything that counts still of what was ever said of people, as events that would say it today (see the platform's
-- `state.ts`). Instants as in events: to the millisecond. A token that was revoked is told as issued, too, so that an issue
-- that is heard once more does not bring it back; one that has expired opens nothing, whoever knows of it.
create index person_identity_id on person_identity ((md5(identity)::uuid));
create view state as
  select 'user.updated' as type, user_id as id, 1 as version, user_id::text as key,
         jsonb_build_object('userId', user_id, 'login', login, 'name', name, 'email', email, 'roles', roles,
           'language', language, 'status', status, 'version', version, 'validFrom',
           to_char(date_trunc('milliseconds', valid_from at time zone 'UTC'), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) as data
    from users
  union all
  select 'token.issued', token_id, 1, user_id::text,
         jsonb_build_object('userId', user_id, 'tokenId', token_id, 'hash', encode(hash, 'hex'), 'scopes', scopes, 'expiresAt',
           to_char(date_trunc('milliseconds', expires_at at time zone 'UTC'), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    from personal_token where expires_at > clock_timestamp()
  union all
  select 'token.revoked', token_id, 1, user_id::text, jsonb_build_object('userId', user_id, 'tokenId', token_id)
    from personal_token where expires_at > clock_timestamp() and revoked
  union all
  select 'user.linked', md5(identity)::uuid, 1, user_id::text, jsonb_build_object('userId', user_id, 'identity', identity)
    from person_identity
  union all
  select 'user.erased', user_id, 1, user_id::text, jsonb_build_object('userId', user_id)
    from users where erased_at is not null;
