-- A replay of the books makes payouts take their steps again, though where people were paid is in no log and so cannot come back.
-- So it matters when details were forgotten: none are sent to that are forgotten already.
alter table pay_details add column forgotten_at timestamptz;
alter table pay_details disable trigger only_forgotten;
update pay_details set forgotten_at = now() where iban is null;
alter table pay_details enable trigger only_forgotten;
alter table pay_details add constraint pay_details_forgotten check ((iban is null) = (forgotten_at is not null));

create or replace function refuse_but_forgetting() returns trigger language plpgsql as $$
begin
  if tg_op <> 'UPDATE' or old.iban is null or new.iban is not null
     or (old.id, old.user_id, old.set_at) is distinct from (new.id, new.user_id, new.set_at) then
    raise exception 'pay details stay as they were, or are forgotten' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;

create or replace function refuse_wrong_step() returns trigger language plpgsql set search_path = {{schema}}, pg_temp as $$
declare
  wrong record;
begin
  select s.payout_period, s.user_id into wrong
    from added s
    left join statement p on p.period = s.payout_period and p.user_id = s.user_id and p.payout_minor > 0
    left join account a on a.id = p.account_id
    left join payout_step before
      on before.payout_period = s.payout_period and before.user_id = s.user_id and before.state = s.was
    left join pay_details d on d.id = s.details_id
   where p.user_id is null
      or (s.was <> 'requested' and before.user_id is null)
      or (s.state = 'sent' and (d.user_id is distinct from s.user_id or d.forgotten_at < s.at))
      or (s.state = 'failed' and s.partition <> a.partition)
   limit 1;
  if found then
    raise exception 'the payout of % for period % cannot take this step', wrong.user_id, wrong.payout_period
      using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;

-- Steps that a replay has read from the log and that wait for the close of their payout's period. They are taken under all rules
-- of steps; this table has none of its own.
create table recalled_step (
  payout_period int,
  user_id       uuid,
  was           text,
  state         text,
  at            timestamptz,
  by            uuid,
  details_id    bigint,
  file          text,
  reason        text,
  period        int,
  partition     smallint,
  position      bigint
);
