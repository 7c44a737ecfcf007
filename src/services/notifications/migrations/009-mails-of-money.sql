-- Whoever's pay details were changed is told at once; and statements are mailed when somebody asks for one.
alter table mail drop constraint mail_kind_check;
alter table mail add constraint mail_kind_check
  check (kind in ('payslip', 'report', 'audit', 'payout-failed', 'role-changed', 'assignments', 'dead-letters',
                  'pay-details-changed', 'statement'));
