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

-- A file of an import is deleted after some time; the import stays, with an empty object_key.
CREATE INDEX imports_files_idx ON imports (finished_at) WHERE object_key <> '';
CREATE INDEX imports_ready_idx ON imports (created_at) WHERE state = 'READY';

-- A plan that is not applied in time expires: its steps are deleted.
ALTER TABLE batches
    DROP CONSTRAINT batches_state_check,
    DROP CONSTRAINT batches_check,
    ADD CONSTRAINT batches_state_check CHECK (state IN ('planned', 'expired', 'applied', 'undone')),
    ADD CONSTRAINT batches_check CHECK ((state IN ('planned', 'expired')) = (applied_at IS NULL));
CREATE INDEX batches_planned_idx ON batches (created_at) WHERE state = 'planned';
GRANT DELETE ON assignment_loads TO haat_app;
