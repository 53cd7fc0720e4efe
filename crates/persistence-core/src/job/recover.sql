-- Parameters: $1 seconds without a heartbeat after which a running job returns to the queue.
-- Result: the kinds of these jobs.
, stale AS (
    -- A locked job is about to make progress or to end.
    SELECT tenant_id, id FROM jobs
     WHERE state = 'running' AND heartbeat_at < haat_now() - $1 * interval '1 second'
       FOR UPDATE SKIP LOCKED
)
UPDATE jobs AS j SET state = 'queued', run_at = haat_now()
  FROM stale WHERE j.tenant_id = stale.tenant_id AND j.id = stale.id
RETURNING j.kind
