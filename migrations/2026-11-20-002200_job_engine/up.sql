-- A job is taken by the process that has raised `attempts` last, and by no other: whoever has lost it (no heartbeat in
-- time) finds that its number is not the latest and can write nothing more.
ALTER TABLE jobs
    ADD COLUMN actor_id   BIGINT,
    ADD COLUMN started_at TIMESTAMPTZ,
    -- What became of it, in numbers.
    ADD COLUMN result     JSONB NOT NULL DEFAULT '{}',
    -- Why it failed as a whole, in a stable word.
    ADD COLUMN failure    TEXT COLLATE "C",
    ADD FOREIGN KEY (tenant_id, actor_id) REFERENCES users (tenant_id, id);
CREATE INDEX jobs_actor_idx ON jobs (tenant_id, actor_id) WHERE actor_id IS NOT NULL;

-- What could not be done of a job, row by row of its file. All of it, whatever the number.
CREATE TABLE job_errors (
    tenant_id BIGINT NOT NULL,
    job_id    BIGINT NOT NULL,
    row_no    BIGINT NOT NULL,
    field     TEXT COLLATE "C" NOT NULL CHECK (length(field) <= 200),
    code      TEXT COLLATE "C" NOT NULL CHECK (length(code) <= 100),
    -- As it stood in the file, cut short.
    value     TEXT COLLATE "C" NOT NULL CHECK (length(value) <= 200),
    PRIMARY KEY (tenant_id, job_id, row_no, field),
    FOREIGN KEY (tenant_id, job_id) REFERENCES jobs (tenant_id, id) ON DELETE CASCADE
);
GRANT SELECT, INSERT, DELETE ON job_errors TO haat_app;
