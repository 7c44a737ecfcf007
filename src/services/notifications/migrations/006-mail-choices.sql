-- Which mails somebody wants; a kind without a row is sent or not by its own rule (`mail-choice.ts`).
create table mail_choice (
  user_id   uuid not null,
  kind      text not null,
  wanted    boolean not null,
  -- Business time.
  chosen_at timestamptz not null,
  primary key (user_id, kind)
);
-- Withheld: its reader did not want it, or had left, when it was about to go out.
alter table mail drop constraint mail_status_check;
alter table mail add constraint mail_status_check check (status in ('queued', 'sending', 'sent', 'failed', 'withheld'));
