-- What belongs to the installation as a whole, in the schema `popug`: who it is, and its business clock.
create table installation (
  only_one     boolean primary key default true check (only_one),
  id           uuid not null default gen_random_uuid(),
  demo         boolean not null,
  created_at   timestamptz not null default now(),
  -- The demo clock: how far business time is ahead of real time. Leases, tokens, retries and timeouts never use it.
  clock_ahead  interval not null default '0' check (clock_ahead >= '0'),
  constraint the_clock_moves_in_demos_only check (demo or clock_ahead = '0')
);

-- Business time. Evaluated at each call (not once per transaction): what waited for a lock must see the time after it.
create function business_now() returns timestamptz language sql volatile as
  $$ select clock_timestamp() + (select clock_ahead from popug.installation) $$;

-- Moves business time forward; the table's rules refuse it outside a demo.
create function move_clock(by interval) returns timestamptz language plpgsql security definer
set search_path = popug, pg_temp as $$
begin
  if by < '0' then raise exception 'the clock only moves forward' using errcode = 'PG001'; end if;
  update installation set clock_ahead = clock_ahead + by;
  return popug.business_now();
end $$;
