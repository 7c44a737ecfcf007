-- The security audit becomes a chain: each entry carries the hash of itself and of the one before it, so that an entry
-- that was changed, taken out or put in later shows. Entries are numbered without gaps, one transaction at a time: the
-- lock is taken last in every transaction that takes it, and held for the length of its commit.
alter table security_audit alter column entry drop identity;
alter table security_audit add column hash bytea;

-- What a hash is taken of: one text per entry, made of what was told, in a form that does not depend on settings.
create function security_audit_text(e security_audit) returns text language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_array(e.entry, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.kind, e.actor,
                           e.user_id, e.details)::text
$$;

-- Entries from before the chain.
update security_audit set entry = n.entry from
  (select entry as old, row_number() over (order by entry) as entry from security_audit) n where security_audit.entry = n.old;
do $$
declare
  e security_audit;
  previous bytea := '\x';
begin
  for e in select * from security_audit order by entry loop
    previous := sha256(previous || convert_to(security_audit_text(e), 'UTF8'));
    update security_audit set hash = previous where entry = e.entry;
  end loop;
end $$;
alter table security_audit alter column hash set not null;

create function chain_security_audit() returns trigger language plpgsql set search_path = {{schema}}, pg_temp as $$
declare
  last record;
begin
  -- No two services share a schema, so its own oid makes the lock this table's alone.
  perform pg_advisory_xact_lock('security_audit'::regclass::oid::int, 1);
  select entry, hash into last from security_audit order by entry desc limit 1;
  new.entry := coalesce(last.entry, 0) + 1;
  new.at := clock_timestamp();
  new.hash := sha256(coalesce(last.hash, '\x') || convert_to(security_audit_text(new), 'UTF8'));
  return new;
end $$;
create trigger chain before insert on security_audit for each row execute function chain_security_audit();

-- Also for the owner, who could otherwise change an entry by mistake.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the security audit is append-only';
end $$;
create trigger append_only before update or delete or truncate on security_audit
  for each statement execute function refuse_change();
