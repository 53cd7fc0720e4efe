DROP TABLE job_errors;
ALTER TABLE jobs DROP COLUMN actor_id, DROP COLUMN started_at, DROP COLUMN result, DROP COLUMN failure;
