-- Whose payout failed is told at once, without waiting for the mails of a period.
alter table mail drop constraint mail_kind_check;
alter table mail add constraint mail_kind_check check (kind in ('payslip', 'report', 'audit', 'payout-failed'));
