alter table posting add primary key (period, epoch, position, partition, leg, source);
-- Whose lines of which period they are and no more: many share one entry, and they are few enough to be sorted.
create index posting_of_user on posting (user_id, period);
-- In which second they happened: so do many share one, and within a second they are sorted as they are read.
create index posting_newest on posting (period, date_bin('1 second', occurred_at, 'epoch'));
-- What accounting posts by itself is little, and sought by its source.
create index posting_own on posting (period, source, epoch, position, partition, leg) where source not in ('tasks', 'accounting');
analyze posting;
