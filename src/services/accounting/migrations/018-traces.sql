-- The trace that the end of registration belongs to, where there is one; what the close says goes on with it.
alter table barrier add column traceparent text;
