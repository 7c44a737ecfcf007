-- What went out, in the order in which it did. Each line's hash holds that of the line before, so that none is changed, taken
-- away or put in between unseen. Addresses are not part of it: those can be forgotten.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only, % refused', tg_table_name, lower(tg_op) using errcode = 'integrity_constraint_violation';
end $$;
create table sent_mail (
  number  bigint primary key check (number >= 1),
  -- More than once where a mail was set back by hand and went out again: the newest counts.
  key     text not null,
  -- SHA-256 of what the mail row says: reader, subject, data, when it was written and sent.
  told    text not null check (told ~ '^[0-9a-f]{64}$'),
  -- SHA-256 of the message as it was handed over.
  content text not null check (content ~ '^[0-9a-f]{64}$'),
  -- sha256 of: the chain before (64 zeros at first), number, key, told, content, joined by "|".
  chain   text not null check (chain ~ '^[0-9a-f]{64}$')
);
create index sent_mail_key on sent_mail (key, number);
comment on table sent_mail is 'append-only';
create trigger append_only before update or delete on sent_mail for each row execute function refuse_change();
create trigger no_truncate before truncate on sent_mail for each statement execute function refuse_change();

-- What a mail row says, as one hash; `verify` computes it again.
create function mail_row_hash(m mail) returns text language sql stable as $$
  select encode(sha256(convert_to(concat_ws('|', m.kind, m.period, m.to_user, m.subject, m.data, extract(epoch from m.created_at),
                                            extract(epoch from m.sent_at)), 'UTF8')), 'hex')
$$;
