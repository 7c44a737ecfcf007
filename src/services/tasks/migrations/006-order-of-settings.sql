-- The order of changes is the order in which they were made under the lock of settings. Ids come from the clocks of several
-- processes, which may be apart: a later change could sort in front of an earlier one, and never count.
alter table setting add column change bigint;
update setting s set change = o.change
  from (select settings_id, row_number() over (order by settings_id) as change from setting) o
 where o.settings_id = s.settings_id;
alter table setting alter column change set not null;
alter table setting alter column change add generated always as identity;
alter table setting add unique (change);
select setval(pg_get_serial_sequence('setting', 'change'), (select count(*) from setting) + 1, false);
