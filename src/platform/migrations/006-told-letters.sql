-- When somebody was told of a dead letter; null: nobody was.
alter table dead_letter add column told_at timestamptz;
create index dead_letter_untold on dead_letter (id) where status = 'dead' and told_at is null;
