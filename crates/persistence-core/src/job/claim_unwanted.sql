-- Parameters: $1 kinds.
-- Result: a queued job that is to be cancelled, if any: tenant, id, kind, actor, payload, progress, attempts, schedule, slot,
-- missed slots, whether a user has
-- requested it (if not, the job has expired).
, unwanted AS (
    SELECT tenant_id, id FROM jobs
     WHERE state = 'queued' AND (cancel_requested_at IS NOT NULL OR expires_at IS NOT NULL)
       AND (cancel_requested_at IS NOT NULL OR expires_at <= haat_now()) AND kind = ANY ($1)
     LIMIT 1
       FOR UPDATE SKIP LOCKED
)
UPDATE jobs AS j
   SET state = 'running', attempts = j.attempts + 1, heartbeat_at = haat_now()
  FROM unwanted AS u WHERE j.tenant_id = u.tenant_id AND j.id = u.id
RETURNING j.tenant_id, j.id, j.kind, j.actor_id, j.payload, j.progress, j.attempts, j.schedule, j.slot, j.missed_slots,
          j.cancel_requested_at IS NOT NULL
