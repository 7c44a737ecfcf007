-- A source takes four bytes instead of six, with which the key of a posting fits into 24. All lines are written anew; their
-- indexes are made by the next step.
drop index posting_of_user;
drop index posting_newest;
drop index posting_own;
alter table posting drop constraint posting_pkey;
create type posting_source as enum ('tasks', 'accounting', 'correction', 'return', 'debt', 'opening');
alter table posting alter column source type posting_source using source::posting_source;
alter table block_head alter column source type posting_source using source::posting_source;
