-- The current time of background work: the start of the transaction, moved by the setting `haat.clock_offset`. Only tests
-- set it, in the options of a connection, so that days pass without waiting.
CREATE FUNCTION haat_now() RETURNS TIMESTAMPTZ LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT now() + coalesce(nullif(current_setting('haat.clock_offset', true), ''), '0')::interval
$$;
ALTER TABLE jobs ALTER COLUMN run_at SET DEFAULT haat_now();
-- The same within a transaction, which may have run or waited for minutes.
CREATE FUNCTION haat_clock() RETURNS TIMESTAMPTZ LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT haat_now() + (clock_timestamp() - now())
$$;
