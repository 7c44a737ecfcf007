-- When somebody was last seen in a browser. Sessions are deleted when they are over; this stays.
create table last_seen (
  user_id uuid primary key references users,
  at      timestamptz not null
);
insert into last_seen select user_id, max(last_seen_at) from web_session group by user_id;
