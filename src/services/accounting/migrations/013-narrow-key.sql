-- The same key in the order in which postings come: all partitions of a source grow together, so by position they fill the
-- index page by page. With the partition in front they were put into sixteen places of it, and left its pages half empty.
alter table posting drop constraint posting_pkey;
alter table posting add primary key (period, epoch, position, partition, source, leg);
-- What accounting posts by itself is little, and sought by its source.
create index posting_own on posting (period, source, epoch, position, partition, leg) where source not in ('tasks', 'accounting');
