-- Where the code was when an event could not be applied.
alter table dead_letter add column stack text;
