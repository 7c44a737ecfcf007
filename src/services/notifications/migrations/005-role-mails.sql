-- Mails that are about no period: whose roles were changed is told at once.
alter table mail alter column period drop not null;
alter table mail drop constraint mail_kind_check;
alter table mail add constraint mail_kind_check
  check (kind in ('payslip', 'report', 'audit', 'payout-failed', 'role-changed'));
