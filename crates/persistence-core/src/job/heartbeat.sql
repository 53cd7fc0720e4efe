-- Parameters: $1 tenant, $2 job, $3 number of the attempt, $4 progress or NULL.
-- Result: if the attempt has the job, whether a user has requested to cancel it.
, held AS (
    UPDATE jobs AS j
       SET heartbeat_at = haat_clock(), progress = coalesce($4, j.progress)
     WHERE j.tenant_id = $1 AND j.id = $2 AND j.attempts = $3 AND j.state = 'running'
       AND (SELECT t.state FROM tenants AS t WHERE t.id = $1) = 'active'
    RETURNING j.cancel_requested_at IS NOT NULL AS cancelled
)
SELECT cancelled FROM held
