-- What each popug was told at the end of a period. The arithmetic is the database's, not only the code's.
create table statement (
  period        int not null,
  account_id    int not null,
  user_id       uuid not null,
  opening_minor bigint not null,
  credits_minor bigint not null check (credits_minor >= 0),
  debits_minor  bigint not null check (debits_minor >= 0),
  payout_minor  bigint not null check (payout_minor >= 0),
  closing_minor bigint not null check (closing_minor <= 0),
  primary key (period, account_id),
  check (closing_minor = opening_minor + credits_minor - debits_minor - payout_minor),
  check (payout_minor = 0 or closing_minor = 0)
);
comment on table statement is 'append-only';
create index statement_of_user on statement (user_id, period);

-- The result of a close. `closing_minor` of period n is the opening of n + 1 and is not stored twice.
create table closing (
  period          int primary key,
  closed_at       timestamptz not null,
  fees_minor      bigint not null,
  rewards_minor   bigint not null,
  earned_minor    bigint not null,
  paid_out_minor  bigint not null check (paid_out_minor >= 0),
  payout_count    int not null,
  carried_minor   bigint not null check (carried_minor <= 0),
  negative_count  int not null,
  account_count   int not null,
  entry_count     bigint not null,
  discarded_count int not null,
  -- SHA-256 over the statements in the order of user ids: the same however the source was partitioned.
  statements_hash text not null check (statements_hash ~ '^[0-9a-f]{64}$'),
  seal            text not null check (seal ~ '^[0-9a-f]{64}$'),
  check (earned_minor = fees_minor - rewards_minor)
);
comment on table closing is 'append-only';

-- The verdict of the independent recomputation that follows each close.
create table close_check (
  period     int primary key,
  checked_at timestamptz not null,
  ok         boolean not null,
  findings   jsonb not null
);
comment on table close_check is 'append-only';

select protect_books('statement');
create trigger append_only before update or delete on statement for each row execute function refuse_change();
do $$
declare name text;
begin
  foreach name in array array['closing', 'close_check'] loop
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_change()', name);
    execute format('create trigger no_truncate before truncate on %I for each statement execute function refuse_change()', name);
  end loop;
end $$;

-- A UUIDv7 made by the database, for events that a close writes set-based. PostgreSQL has one of its own from 18 on.
create function uuid_v7() returns uuid language sql volatile as $$
  select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
           placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
         52, 1), 53, 1), 'hex')::uuid
$$;
