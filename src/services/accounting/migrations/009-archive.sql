-- Postings of old periods can be put into files and dropped; statements, sums and seals stay. A closed period never changes,
-- so the hash of its archive does not either: this table says for ever what a file has to be. Whether a period is archived at
-- the moment is told by its partition, which is there or not.
create table archive (
  period      int not null references period,
  -- SHA-256 of the file's content (JSON Lines, not compressed).
  sha256      text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  -- Its name in the folder of archives.
  file        text not null check (file ~ '^[a-z0-9.-]{1,100}$'),
  postings    bigint not null check (postings >= 0),
  archived_at timestamptz not null,
  primary key (period, sha256)
);
comment on table archive is 'append-only';
create trigger append_only before update or delete on archive for each row execute function refuse_change();
create trigger no_truncate before truncate on archive for each statement execute function refuse_change();
