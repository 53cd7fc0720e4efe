CREATE INDEX jobs_due_idx ON jobs (run_at) WHERE state IN ('queued', 'running');
DROP INDEX jobs_ready_idx, jobs_queued_idx, jobs_running_idx, jobs_unwanted_idx, jobs_dedupe_key;
ALTER TABLE jobs RESET (fillfactor);
ALTER TABLE jobs
    DROP COLUMN lane,
    DROP COLUMN priority,
    DROP COLUMN dedupe_key,
    DROP COLUMN coalesces,
    DROP COLUMN expires_at,
    DROP COLUMN cancel_requested_at;
