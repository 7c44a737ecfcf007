-- Period by period: PostgreSQL then looks for the statements before and the movements of one period. Joined with the period of
-- each row it read those of all periods, and a close took the longer the older the books were.
create or replace function refuse_wrong_statement() returns trigger language plpgsql set search_path = {{schema}}, pg_temp as $$
declare
  of_period int;
  wrong record;
begin
  for of_period in select distinct period from added loop
    select s.user_id into wrong
      from added s
      left join (select account_id, closing_minor from statement where period = of_period - 1) before
        on before.account_id = s.account_id
      left join (select account_id, credits_minor, debits_minor from balance where period = of_period) moved
        on moved.account_id = s.account_id
      left join account a on a.id = s.account_id
     where s.period = of_period
       and (s.opening_minor, s.credits_minor, s.debits_minor, s.user_id)
           is distinct from (coalesce(before.closing_minor, 0), coalesce(moved.credits_minor, 0),
                             coalesce(moved.debits_minor, 0), a.user_id)
     limit 1;
    if found then
      raise exception 'the statement of % for period % does not follow from the books', wrong.user_id, of_period
        using errcode = 'integrity_constraint_violation';
    end if;
  end loop;
  return null;
end $$;
