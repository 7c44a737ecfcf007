-- What becomes of a payout. It is requested at the close, and its posting says so; each later step is a row here.
-- One that failed comes back to the account, by a posting in the open period.
alter table posting drop constraint posting_kind_check;
alter table posting add constraint posting_kind_check
  check (kind in ('fee', 'fee-reversal', 'reward', 'reward-reversal', 'payout', 'payout-return', 'write-off'));
-- What moved an account without being earned: little, and to be taken out of what somebody earned on a day.
create index posting_unearned on posting (user_id, period) where kind in ('payout-return', 'write-off');

-- What the company bears when the debt of somebody who left is given up.
alter table account drop constraint account_kind_check;
alter table account add constraint account_kind_check
  check (kind in ('popug', 'fee-income', 'reward-expense', 'payout-clearing', 'suspense', 'write-off'));
insert into account (id, kind, partition) select 500 + slice, 'write-off', slice from generate_series(0, 15) slice;

alter table closing add column returned_minor bigint not null default 0 check (returned_minor >= 0);
alter table closing add column written_off_minor bigint not null default 0 check (written_off_minor >= 0);

-- Where a popug is paid, each change a row: the newest counts. Ids have no gap and become visible in their order, so that
-- "as of id n" is the same for ever. Nothing of it is ever changed but to be forgotten.
create table pay_details (
  id      bigint primary key check (id >= 1),
  user_id uuid not null,
  iban    text check (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'),
  holder  text check (length(holder) between 2 and 70),
  set_at  timestamptz not null,
  check ((iban is null) = (holder is null))
);
create index pay_details_of_user on pay_details (user_id, id);

create function refuse_but_forgetting() returns trigger language plpgsql as $$
begin
  if tg_op <> 'UPDATE' or new.iban is not null
     or (old.id, old.user_id, old.set_at) is distinct from (new.id, new.user_id, new.set_at) then
    raise exception 'pay details stay as they were, or are forgotten' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger only_forgotten before update or delete on pay_details for each row execute function refuse_but_forgetting();
create trigger no_truncate before truncate on pay_details for each statement execute function refuse_change();

-- A payout leaves each state once: the primary key lets two people who act at once not both have their way.
create table payout_step (
  payout_period int not null,
  user_id       uuid not null,
  was           text not null,
  state         text not null,
  at            timestamptz not null,
  by            uuid not null,
  -- Sent: to which details, and in which file (its message id), if in one.
  details_id    bigint,
  file          text constraint payout_step_file check (file is null or state = 'sent'),
  -- Failed: why, and the place of the posting that gave the amount back; its source is "return".
  reason        text check (length(trim(reason)) >= 3),
  period        int constraint payout_step_later check (period > payout_period),
  partition     smallint,
  position      bigint check (position >= 1),
  primary key (payout_period, user_id, was),
  unique (period, position),
  constraint payout_step_way check ((was, state) in (('requested', 'sent'), ('requested', 'failed'), ('sent', 'confirmed'), ('sent', 'failed'))),
  constraint payout_step_details check ((state = 'sent') = (details_id is not null)),
  constraint payout_step_return check (num_nulls(reason, period, partition, position) = case state when 'failed' then 0 else 4 end),
  -- Whoever gives a payout back does not do it to their own account: it would be paid twice.
  constraint payout_step_not_own check (state <> 'failed' or by <> user_id)
);
comment on table payout_step is 'append-only';
create index payout_step_of_file on payout_step (payout_period, file, user_id) where file is not null;

-- A step is one of a payout that there is, out of a state that it is in, to details that are its popug's.
create function refuse_wrong_step() returns trigger language plpgsql set search_path = {{schema}}, pg_temp as $$
declare
  wrong record;
begin
  select s.payout_period, s.user_id into wrong
    from added s
    left join posting p on p.period = s.payout_period and p.user_id = s.user_id and p.kind = 'payout'
    left join payout_step before
      on before.payout_period = s.payout_period and before.user_id = s.user_id and before.state = s.was
    left join pay_details d on d.id = s.details_id
   where p.user_id is null
      or (s.was <> 'requested' and before.user_id is null)
      or (s.state = 'sent' and (d.user_id is distinct from s.user_id or d.iban is null))
      or (s.state = 'failed' and s.partition <> p.partition)
   limit 1;
  if found then
    raise exception 'the payout of % for period % cannot take this step', wrong.user_id, wrong.payout_period
      using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create trigger follows_the_payout after insert on payout_step referencing new table as added
  for each statement execute function refuse_wrong_step();
select protect_books('payout_step');
create trigger append_only before update or delete on payout_step for each row execute function refuse_change();
