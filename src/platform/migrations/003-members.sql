-- The copies of this service that are at work, by their own word.
create table member (
  id      uuid primary key,
  -- Real time of the last sign of life.
  seen_at timestamptz not null default now()
);
