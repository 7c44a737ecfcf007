-- The currency that the books stay in, as accounting said it when a period was closed in which something had moved: also
-- balances from other books do, of which there is no task.
create table books_currency (
  only_one boolean primary key default true check (only_one),
  currency text not null
);
comment on table books_currency is 'append-only';
