-- Who wants to be mailed about tasks that are given to them is asked for each batch of events.
create index mail_choice_assignments on mail_choice (user_id) where kind = 'assignments' and wanted;

-- Tasks that people are still to be mailed of. A row goes when the mail is out, or the task is not theirs to do any more.
create table assigned_task (
  task_id     uuid primary key,
  user_id     uuid not null,
  title       text not null,
  jira_id     text,
  -- Business time.
  assigned_at timestamptz not null,
  -- The mail that tells it, from the moment on at which that is written.
  mail_id     uuid
);
create index assigned_task_of_user on assigned_task (user_id);
create index assigned_task_of_mail on assigned_task (mail_id) where mail_id is not null;

alter table mail drop constraint mail_kind_check;
alter table mail add constraint mail_kind_check
  check (kind in ('payslip', 'report', 'audit', 'payout-failed', 'role-changed', 'assignments'));
-- The mail that gathers for somebody.
create index mail_gathering on mail (to_user) where kind = 'assignments' and status = 'queued';
