-- Lanes separate jobs by length, so that an import does not hold up a short job. A server of the previous version enqueues
-- in `bulk`, where its jobs are: imports and assignment files.
ALTER TABLE jobs
    ADD COLUMN lane       TEXT COLLATE "C" NOT NULL DEFAULT 'bulk' CHECK (lane IN ('prompt', 'standard', 'bulk')),
    -- Within a lane, 0 is claimed first.
    ADD COLUMN priority   SMALLINT NOT NULL DEFAULT 5 CHECK (priority BETWEEN 0 AND 9),
    -- At most one job of a kind has this key: while it is queued or running, or, if it coalesces requests, only while it is
    -- queued (the claim sets the key to NULL).
    ADD COLUMN dedupe_key TEXT COLLATE "C" CHECK (length(dedupe_key) <= 200),
    ADD COLUMN coalesces  BOOLEAN NOT NULL DEFAULT false,
    -- A job that has not been claimed by then is cancelled.
    ADD COLUMN expires_at TIMESTAMPTZ,
    ADD COLUMN cancel_requested_at TIMESTAMPTZ;

-- Room for a new version of a row on its page: a heartbeat changes no indexed column.
ALTER TABLE jobs SET (fillfactor = 70);

-- The next job of a lane.
CREATE INDEX jobs_ready_idx ON jobs (lane, priority, run_at) WHERE state = 'queued';
-- The limit of queued jobs of a tenant.
CREATE INDEX jobs_queued_idx ON jobs (tenant_id, kind) WHERE state = 'queued';
-- The limits of running jobs, and jobs without a heartbeat.
CREATE INDEX jobs_running_idx ON jobs (lane, tenant_id, kind) WHERE state = 'running';
-- Jobs to be cancelled.
CREATE INDEX jobs_unwanted_idx ON jobs (expires_at)
    WHERE state = 'queued' AND (cancel_requested_at IS NOT NULL OR expires_at IS NOT NULL);
CREATE UNIQUE INDEX jobs_dedupe_key ON jobs (tenant_id, kind, dedupe_key)
    WHERE dedupe_key IS NOT NULL AND state IN ('queued', 'running');
DROP INDEX jobs_due_idx;
