-- Parameters: $1 kinds, $2 seconds without a heartbeat after which a running job may be taken over.
-- Result: the job taken, if any: tenant, id, kind, actor, payload, progress, attempts.
, due AS (
    SELECT tenant_id, id FROM jobs
     WHERE state IN ('queued', 'running') AND run_at <= now() AND kind = ANY ($1)
       AND (state = 'queued' OR heartbeat_at < now() - $2 * interval '1 second')
     ORDER BY run_at LIMIT 1
       FOR UPDATE SKIP LOCKED
)
UPDATE jobs AS j
   SET state = 'running', attempts = j.attempts + 1, heartbeat_at = now(), started_at = coalesce(j.started_at, now())
  FROM due WHERE j.tenant_id = due.tenant_id AND j.id = due.id
RETURNING j.tenant_id, j.id, j.kind, j.actor_id, j.payload, j.progress, j.attempts
