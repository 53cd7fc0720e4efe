-- Parameters: $1 tenant, $2 job.
-- Result: the id of the job if no equal one is queued or running.
, requeued AS (
    UPDATE jobs AS j
       SET state = 'queued', run_at = haat_now(), finished_at = NULL, failure = NULL, cancel_requested_at = NULL, expires_at = NULL,
           result = '{}', progress = jsonb_build_object('attempt', j.attempts)
     WHERE j.tenant_id = $1 AND j.id = $2 AND j.state IN ('failed', 'cancelled')
       AND NOT EXISTS (
            SELECT FROM jobs AS other
             WHERE other.tenant_id = j.tenant_id AND other.kind = j.kind AND other.dedupe_key = j.dedupe_key
               AND other.state IN ('queued', 'running'))
    RETURNING j.id
)
SELECT id FROM requeued
