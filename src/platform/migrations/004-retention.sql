-- Old segments of the log are dropped whole. What they leave behind: where the log begins now, and, for each type, how many
-- events went and a checksum of what they said.
alter table log_source
  -- Positions of a segment, in each partition.
  add column segment_size bigint not null default 1000000 check (segment_size > 0),
  -- The lowest position that is kept, the same in all partitions; 0: nothing was ever dropped.
  add column begins_at bigint not null default 0 check (begins_at >= 0);

create table log_dropped (
  segment    bigint not null,
  type       text not null,
  count      bigint not null,
  -- The sum of `event_digest` over their data: the order does not matter, and what is left can be subtracted from a whole.
  checksum   numeric not null,
  -- The newest period that they carried.
  period     int,
  dropped_at timestamptz not null default clock_timestamp(),
  primary key (segment, type)
);
comment on table log_dropped is 'append-only';

-- The first 60 bits of SHA-256 over the data as PostgreSQL writes it.
create function event_digest(data jsonb) returns bigint language sql immutable as
  $$ select ('x' || left(encode(sha256(convert_to(data::text, 'UTF8')), 'hex'), 15))::bit(60)::bigint $$;

create or replace function ensure_log_segment(at bigint) returns void language plpgsql security definer
set search_path = {{schema}}, pg_temp as $$
declare
  size    bigint := coalesce((select segment_size from log_source), 1000000);
  segment bigint := at / size;
begin
  if to_regclass(format('{{schema}}.log_%s', segment)) is not null then return; end if;
  execute format('create table log_%s (like log including all)', segment);
  execute format('alter table log attach partition log_%s for values from (%s) to (%s)',
                 segment, segment * size, (segment + 1) * size);
end $$;

create or replace view published_head as
  select h.partition, h.position, s.epoch, s.begins_at from log_head h cross join log_source s;
