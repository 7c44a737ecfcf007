-- Balances that popugs had in other books before: what was owed to them (positive) or by them (negative).
alter table posting drop constraint posting_kind_check;
alter table posting add constraint posting_kind_check
  check (kind in ('fee', 'fee-reversal', 'reward', 'reward-reversal', 'payout', 'payout-return', 'write-off', 'opening', 'opening-debt'));
drop index posting_unearned;
create index posting_unearned on posting (user_id, period)
  where kind in ('payout-return', 'write-off', 'opening', 'opening-debt');
alter table account drop constraint account_kind_check;
alter table account add constraint account_kind_check
  check (kind in ('popug', 'fee-income', 'reward-expense', 'payout-clearing', 'suspense', 'write-off', 'opening-balance'));
insert into account (id, kind, partition) select 600 + slice, 'opening-balance', slice from generate_series(0, 15) slice;
alter table closing add column opened_minor bigint not null default 0;

-- One for each popug, ever: a file that is imported twice changes nothing. `period, partition, position` is the place of its
-- posting, whose source is "opening".
create table opening_balance (
  user_id      uuid primary key,
  amount_minor bigint not null check (amount_minor <> 0),
  id           uuid not null,
  period       int not null,
  partition    smallint not null,
  position     bigint not null check (position >= 1),
  imported_by  uuid not null,
  imported_at  timestamptz not null,
  unique (period, position),
  constraint opening_balance_not_own check (imported_by <> user_id)
);
comment on table opening_balance is 'append-only';
create function refuse_foreign_opening() returns trigger language plpgsql set search_path = {{schema}}, pg_temp as $$
begin
  if new.partition is distinct from (select partition from account where user_id = new.user_id) then
    raise exception 'the opening balance of % has no account there', new.user_id using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger has_account before insert on opening_balance for each row execute function refuse_foreign_opening();
select protect_books('opening_balance');
create trigger append_only before update or delete on opening_balance for each row execute function refuse_change();
