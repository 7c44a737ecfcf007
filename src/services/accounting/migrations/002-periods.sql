-- A billing period. Opened by the barrier of its predecessor, closed once; "closing" is what it is between its first
-- barrier and its close, and is not stored: batches of several partitions would have to fight over the row.
create table period (
  number        int primary key check (number >= 1),
  business_date date not null,
  part          int not null check (part >= 1),
  label         text not null,
  began_at      timestamptz not null,
  ends_at       timestamptz not null,
  currency      text not null,
  closed_at     timestamptz,
  unique (business_date, part)
);

-- Ends of periods as they were met in the log. Everything of a period stands before its barrier, in each partition.
create table barrier (
  period           int not null check (period >= 0),
  partition        smallint not null check (partition between 0 and 15),
  epoch            int not null,
  position         bigint not null,
  -- Counted by the source's sequencer: {"<type>": {"count": n, "checksum": "…"}}.
  control          jsonb not null,
  ended_at         timestamptz not null,
  ended_by         text not null,
  last_task_number bigint not null,
  event_id         uuid not null,
  correlation_id   uuid not null,
  actor            text not null,
  primary key (period, partition)
);
comment on table barrier is 'append-only';

-- What was applied, counted in the transaction that applied it: the other side of the control totals.
create table intake (
  period    int not null,
  partition smallint not null,
  type      text not null,
  count     bigint not null,
  checksum  bigint not null,
  primary key (period, partition, type)
) with (fillfactor = 50);

-- Who asked for an end of registration: the schedule asks once per period, people once each time is enough.
create table close_request (
  period       int not null references period,
  by           text not null check (by in ('schedule', 'person')),
  requested_at timestamptz not null,
  primary key (period, by)
);
comment on table close_request is 'append-only';

-- billing.open: the period began with these balances carried over.
create table period_opening (
  period         int primary key check (period >= 2),
  opened_at      timestamptz not null,
  account_count  int not null,
  openings_minor bigint not null,
  closings_minor bigint not null,
  check (openings_minor = closings_minor)
);
comment on table period_opening is 'append-only';
