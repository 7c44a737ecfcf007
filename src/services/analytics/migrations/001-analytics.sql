-- Figures of the company, kept from the events of accounting and tasks. All of it can be rebuilt from their logs.

-- Which day a period belongs to; periods are numbered without gaps.
create table period (
  period        int primary key,
  business_date date not null,
  part          int not null
);
create index period_business_date on period (business_date);

-- What was booked on a day, whether or not its periods are closed yet.
create table day_figures (
  business_date date primary key,
  currency      text not null,
  fees_minor    bigint not null,
  -- Net of taken-back rewards.
  rewards_minor bigint not null,
  -- Finished tasks, less those that were reopened.
  done_count    bigint not null,
  -- Business time of the newest event in these figures.
  as_of         timestamptz not null
) with (fillfactor = 50);

-- What accounting announced when it closed a period: the figures to which the day's own ones have to be equal.
create table closed_period (
  period         int primary key,
  fees_minor     bigint not null,
  rewards_minor  bigint not null,
  negative_count int not null
);

-- Intake against announcement: how many events of a period arrived in a partition, and how many accounting's barrier says
-- there are. `expected_*` is null until the barrier of the partition is here.
create table arrived (
  period            int not null,
  partition         smallint not null,
  type              text not null,
  count             bigint not null default 0,
  checksum          bigint not null default 0,
  expected_count    bigint,
  expected_checksum bigint,
  primary key (period, partition, type)
) with (fillfactor = 50);

-- The balance of each popug as of the newest event.
create table balance (
  user_id       uuid primary key,
  balance_minor bigint not null
) with (fillfactor = 50);
create index balance_below_zero on balance (balance_minor, user_id) where balance_minor < 0;

-- Popugs who were below zero when a period closed.
create table below_zero_at_close (
  period        int not null,
  user_id       uuid not null,
  balance_minor bigint not null,
  primary key (period, user_id)
);

-- A task that was finished on a day. `net` is rewards minus taken-back rewards: it counts as finished while that is above 0.
create table completion (
  business_date date not null,
  task_id       uuid not null,
  net           int not null,
  reward_minor  bigint not null,
  user_id       uuid,
  completed_at  timestamptz,
  primary key (business_date, task_id)
) with (fillfactor = 80);
create index completion_top on completion (business_date, reward_minor desc, completed_at, task_id) where net > 0;

create table task_title (
  task_id uuid primary key,
  title   text not null,
  jira_id text
);
