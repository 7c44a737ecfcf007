-- The place of a payout's posting stands in its statement, too: payouts are told and moved from there, also when the postings of
-- their period are archived.
alter table statement add column payout_position bigint;
alter table statement disable trigger append_only;
update statement s set payout_position = n.position
  from (select s.period, s.account_id, row_number() over (partition by s.period, a.partition order by s.user_id) as position
          from statement s join account a on a.id = s.account_id where s.payout_minor > 0) n
 where n.period = s.period and n.account_id = s.account_id;
alter table statement enable trigger append_only;
alter table statement add constraint statement_payout_place check ((payout_minor > 0) = (payout_position is not null));
create index statement_payout on statement (period, user_id) where payout_minor > 0;

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
      or (s.state = 'sent' and (d.user_id is distinct from s.user_id or d.iban is null))
      or (s.state = 'failed' and s.partition <> a.partition)
   limit 1;
  if found then
    raise exception 'the payout of % for period % cannot take this step', wrong.user_id, wrong.payout_period
      using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
