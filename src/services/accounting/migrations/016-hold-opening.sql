-- No period is opened until the end of the transaction. Whether there are balances decides the currency of the one that opens, so
-- those that are being brought in have to be seen by it: the lock is the one that open_period takes before it looks.
create function hold_opening_of_periods() returns void
language sql volatile as $$ select pg_advisory_xact_lock_shared(hashtextextended('{{schema}}.open_period', 0)) $$;
