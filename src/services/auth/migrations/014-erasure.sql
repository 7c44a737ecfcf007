-- Personal data of people who left can be taken out. What they did stays under their id.
alter table users add column erased_at timestamptz;

-- Also what earlier events said of them: the only thing that is ever changed in a log, and only for somebody who is erased.
-- Ids, positions, order and everything that is counted stay as they are.
create function forget_in_events(erased uuid, neutral jsonb) returns void language plpgsql security definer
set search_path = {{schema}}, pg_temp as $$
begin
  if not exists (select 1 from users where user_id = erased and erased_at is not null) then
    raise exception 'only what events say of somebody who is erased can be taken out';
  end if;
  update outbox set data = data || neutral
   where key = erased::text and type in ('user.created', 'user.updated');
  update log set data = data || neutral
   where key = erased::text and type in ('user.created', 'user.updated');
end $$;
