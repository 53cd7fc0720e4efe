-- A job belongs to the process that raised `attempts` last: a process that has lost it (no heartbeat in time) finds
-- that its number is outdated and can write nothing more.
ALTER TABLE jobs
    ADD COLUMN actor_id   BIGINT,
    ADD COLUMN started_at TIMESTAMPTZ,
    -- The result, in numbers.
    ADD COLUMN result     JSONB NOT NULL DEFAULT '{}',
    -- The reason why the job failed as a whole, as a stable code.
    ADD COLUMN failure    TEXT COLLATE "C",
    ADD FOREIGN KEY (tenant_id, actor_id) REFERENCES users (tenant_id, id);
CREATE INDEX jobs_actor_idx ON jobs (tenant_id, actor_id) WHERE actor_id IS NOT NULL;

-- The rows of a job's file that could not be applied, without a limit.
CREATE TABLE job_errors (
    tenant_id BIGINT NOT NULL,
    job_id    BIGINT NOT NULL,
    row_no    BIGINT NOT NULL,
    field     TEXT COLLATE "C" NOT NULL CHECK (length(field) <= 200),
    code      TEXT COLLATE "C" NOT NULL CHECK (length(code) <= 100),
    -- The value in the file, truncated.
    value     TEXT COLLATE "C" NOT NULL CHECK (length(value) <= 200),
    PRIMARY KEY (tenant_id, job_id, row_no, field),
    FOREIGN KEY (tenant_id, job_id) REFERENCES jobs (tenant_id, id) ON DELETE CASCADE
);
GRANT SELECT, INSERT, DELETE ON job_errors TO haat_app;
