DROP FUNCTION add_audit_partitions();
DROP INDEX jobs_finished_idx, sessions_unused_idx, user_activity_day_idx;
REVOKE DELETE ON user_activity FROM haat_app;
