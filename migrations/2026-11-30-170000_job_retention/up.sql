-- Old rows are deleted by the server itself.
GRANT DELETE ON user_activity TO haat_app;
-- The oldest rows first.
CREATE INDEX user_activity_day_idx ON user_activity (day);
CREATE INDEX sessions_unused_idx ON sessions (last_used_at);
CREATE INDEX jobs_finished_idx ON jobs (finished_at) WHERE finished_at IS NOT NULL;

-- Adds partitions as the owner: the server's role has no right to create tables. It can only add: nothing is read, changed or
-- dropped.
CREATE FUNCTION add_audit_partitions() RETURNS INTEGER LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT make_audit_partitions(haat_now()::date, 25)
$$;
REVOKE EXECUTE ON FUNCTION add_audit_partitions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION add_audit_partitions() TO haat_app;
