-- The trace in which a mail was made necessary, where there is one; its sending is told as a part of it.
alter table closed_period add column traceparent text;
alter table mail add column traceparent text;
