REVOKE DELETE ON assignment_loads FROM haat_app;
DROP INDEX batches_planned_idx, imports_ready_idx, imports_files_idx;
DELETE FROM batches WHERE state = 'expired';
ALTER TABLE batches
    DROP CONSTRAINT batches_state_check,
    DROP CONSTRAINT batches_check,
    ADD CONSTRAINT batches_state_check CHECK (state IN ('planned', 'applied', 'undone')),
    ADD CONSTRAINT batches_check CHECK ((state = 'planned') = (applied_at IS NULL));
DROP FUNCTION add_audit_partitions();
DROP INDEX jobs_finished_idx, sessions_unused_idx, user_activity_day_idx;
REVOKE DELETE ON user_activity FROM haat_app;
