-- Payslips are looked up by popug (their own list) and counted by period (the billing day's state).
create index statement_of_user on statement (user_id, period);
create index mail_of_period on mail (period, status) where kind = 'payslip';
