-- What the company has changed of its settings, each change a row. In a period the last row counts that was effective by then;
-- before the first one, the environment does. A change is effective with the period that follows it, so the past stays as it was.
create table setting (
  -- UUIDv7, made one after the other: the order of changes.
  settings_id      uuid primary key,
  effective_period bigint not null,
  fee_from         int not null,
  fee_to           int not null,
  reward_from      int not null,
  reward_to        int not null,
  currency         text not null,
  time_zone        text not null,
  closes_at        text not null check (closes_at ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  changed_by       uuid,
  changed_at       timestamptz not null,
  check (fee_from between 1 and fee_to),
  check (reward_from between 1 and reward_to)
);
comment on table setting is 'append-only';

-- Whoever changes settings does it alone, behind those who came first.
create function lock_settings() returns void
language sql volatile as $$ select pg_advisory_xact_lock(1413567307, 3) $$;
