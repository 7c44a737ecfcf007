-- When the person behind a session last showed who they are: a session at the provider begins new ones without that.
alter table web_session add column signed_in_at timestamptz not null default clock_timestamp();
