-- What there is to write about a period, and the mails that are written.

-- Intake against announcement: how many events of a type arrived for a period in a partition, and how many accounting's
-- barrier says there are. `expected_*` is null until the barrier of the partition is here. Each consumer keeps one type.
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

-- A period that accounting closed, as it announced it.
create table closed_period (
  period          int primary key,
  announced       jsonb not null,
  -- Business time at which its mails were queued; null: not all of it is here yet.
  mails_queued_at timestamptz
);

-- The audit log: each charge and payment, with the task's title as it was then.
create table audit_line (
  period       int not null,
  user_id      uuid not null,
  entry_id     text not null,
  kind         text not null,
  amount_minor bigint not null,
  task_id      uuid,
  title        text,
  jira_id      text,
  occurred_at  timestamptz not null,
  primary key (period, user_id, entry_id)
);

create table statement (
  period         int not null,
  user_id        uuid not null,
  label          text not null,
  business_date  date not null,
  opening_minor  bigint not null,
  credits_minor  bigint not null,
  debits_minor   bigint not null,
  payout_minor   bigint not null,
  closing_minor  bigint not null,
  currency       text not null,
  primary key (period, user_id)
);

-- The outbox of mails. Who gets it, where and in which language is looked up when it is sent.
create table mail (
  id              uuid primary key default gen_random_uuid(),
  -- What this mail is, e.g. `payslip:12:<userId>`: at most one of each is ever queued.
  key             text not null unique check (key ~ '^[a-z0-9:-]{1,200}$'),
  kind            text not null check (kind in ('payslip', 'report', 'audit')),
  period          int not null,
  to_user         uuid not null,
  data            jsonb not null default '{}',
  status          text not null default 'queued' check (status in ('queued', 'sending', 'sent', 'failed')),
  attempts        int not null default 0,
  -- Real time from here on: retries do not wait for the demo clock.
  next_attempt_at timestamptz not null default clock_timestamp(),
  claimed_at      timestamptz,
  last_error      text,
  -- As they were when it was sent.
  to_address      text,
  subject         text,
  -- Business time.
  created_at      timestamptz not null,
  sent_at         timestamptz
) with (fillfactor = 70);
create index mail_due on mail (next_attempt_at) where status = 'queued';
create index mail_claimed on mail (claimed_at) where status = 'sending';
create index mail_newest on mail (created_at desc, id desc);
create index mail_failed on mail (created_at desc, id desc) where status = 'failed';
create index mail_of_user on mail (to_user, created_at desc, id desc);
