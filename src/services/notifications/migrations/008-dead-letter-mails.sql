alter table mail drop constraint mail_kind_check;
alter table mail add constraint mail_kind_check
  check (kind in ('payslip', 'report', 'audit', 'payout-failed', 'role-changed', 'assignments', 'dead-letters'));

-- When admins were told of dead letters last, in business time; one row at most.
create table dead_letter_alert (
  only_one boolean primary key default true check (only_one),
  told_at  timestamptz not null
);
