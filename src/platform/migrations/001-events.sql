-- The machinery that each service has in its own schema. `seq` is the order of emission: for one key it is the order of
-- the transactions, because each locks the row of its entity before it emits (and CACHE 1 hands numbers out one by one).
create table outbox (
  seq            bigint generated always as identity (cache 1) primary key,
  partition      smallint not null check (partition between 0 and 15),
  id             uuid not null,
  type           text not null,
  version        smallint not null,
  key            text not null,
  is_barrier     boolean not null default false,
  period         int,
  time           timestamptz not null,
  correlation_id uuid not null,
  causation_id   uuid,
  cause          text,
  actor          text not null,
  command        text not null,
  traceparent    text,
  data           jsonb not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- The log: contiguous positions per partition, append-only. Partitioned by position, so that old segments are dropped whole.
create table log (
  partition      smallint not null,
  position       bigint not null,
  epoch          int not null,
  id             uuid not null,
  type           text not null,
  version        smallint not null,
  key            text not null,
  time           timestamptz not null,
  period         int,
  correlation_id uuid not null,
  causation_id   uuid,
  cause          text,
  actor          text not null,
  command        text not null,
  traceparent    text,
  control        jsonb,
  data           jsonb not null,
  -- Real time at which it was numbered; for lag and retention only.
  logged_at      timestamptz not null default clock_timestamp(),
  primary key (partition, position)
) partition by range (position);
comment on table log is 'append-only';
create index log_logged_at on log (logged_at);

-- Makes the segment that holds a position, if it is not there yet. One segment is 1 000 000 positions of all partitions.
create function ensure_log_segment(at bigint) returns void language plpgsql security definer
set search_path = {{schema}}, pg_temp as $$
declare
  segment bigint := at / 1000000;
begin
  if to_regclass(format('{{schema}}.log_%s', segment)) is not null then return; end if;
  execute format('create table log_%s partition of log for values from (%s) to (%s)',
                 segment, segment * 1000000, (segment + 1) * 1000000);
end $$;
select ensure_log_segment(0);

-- The newest position per partition, and the one row that a sequencer locks for the time of a pass.
create table log_head (
  partition smallint primary key,
  position  bigint not null default 0
);
insert into log_head (partition) select generate_series(0, 15);
create table log_source (
  only_one    boolean primary key default true check (only_one),
  epoch       int not null default 1,
  -- Identity of the database in which the positions were given; when it changes, so does the epoch.
  database_id text not null
);

-- Events of periods whose barrier has not been numbered yet, counted per type: the control totals.
create table log_tally (
  partition smallint not null,
  period    int not null,
  type      text not null,
  count     bigint not null,
  checksum  bigint not null,
  primary key (partition, period, type)
);

-- What other services read. Nothing else of this schema is granted to them.
create view published as
  select partition, position, epoch, id, type, version, key, time, period, correlation_id, causation_id, cause, actor,
         command, traceparent, control, data, logged_at
    from log;
create view published_head as
  select h.partition, h.position, s.epoch from log_head h cross join log_source s;

create table cursor (
  consumer  text not null,
  source    text not null,
  partition smallint not null,
  epoch     int not null,
  -- Position of the last event whose effects are in this database.
  position  bigint not null,
  -- Starts since the last batch that went through: an event that kills the process shows here first …
  starts    smallint not null default 0,
  -- … and then, tried alone, here.
  suspect_position bigint,
  suspect_attempts smallint not null default 0,
  primary key (consumer, source, partition)
) with (fillfactor = 50);

-- Events that could not be applied: the poisoned, those that wait for a reference, and those parked behind them.
create table dead_letter (
  id             uuid primary key,
  consumer       text not null,
  source         text not null,
  partition      smallint not null,
  position       bigint not null,
  epoch          int not null,
  key            text not null,
  type           text not null,
  event_id       uuid not null,
  period         int,
  status         text not null check (status in ('dead', 'deferred', 'parked', 'redriven', 'discarded')),
  reason         text not null,
  waits_for      text,
  attempts       int not null default 1,
  -- The event as it was read; `edited` replaces its data, never its key, type or period.
  event          jsonb not null,
  edited         jsonb,
  edited_by      text,
  -- When it is to be tried (again); null: when somebody asks.
  redrive_at     timestamptz,
  discard_by     text,
  discard_reason text,
  created_at     timestamptz not null default now(),
  ended_at       timestamptz,
  unique (consumer, source, partition, position)
);
create index dead_letter_open on dead_letter (consumer, source, partition, key, position)
  where status in ('dead', 'deferred', 'parked');

-- Commands that carried an Idempotency-Key, and what was answered.
create table idempotency (
  actor       uuid not null,
  key         text not null,
  operation   text not null,
  request     bytea not null,
  answer      jsonb,
  created_at  timestamptz not null default now(),
  primary key (actor, key)
);
create index idempotency_created_at on idempotency (created_at);
