-- Parameters: $1 lane, $2 kinds, $3 the limit of running jobs of a kind or NULL, for each kind, $4 the limit of running jobs of a
-- tenant in the lane or NULL.
-- Result: the job claimed, if any: tenant, id, kind, actor, payload, progress, attempts, schedule, slot, missed slots, seconds since it was due.
, free AS (
    SELECT k.kind FROM unnest($2, $3) AS k (kind, max_running)
     WHERE k.max_running IS NULL
        OR k.max_running > (SELECT count(*) FROM jobs AS r WHERE r.state = 'running' AND r.kind = k.kind)
), due AS (
    -- The tenant is a scalar subquery: as a join it would replace the order of the index by a sort of all due jobs.
    SELECT j.tenant_id, j.id, j.run_at FROM jobs AS j
     WHERE j.state = 'queued' AND j.lane = $1 AND j.run_at <= haat_now() AND j.kind = ANY (ARRAY(SELECT kind FROM free))
       AND j.cancel_requested_at IS NULL AND (j.expires_at IS NULL OR j.expires_at > haat_now())
       AND (SELECT t.state FROM tenants AS t WHERE t.id = j.tenant_id) = 'active'
       AND ($4 IS NULL OR $4 > (
            SELECT count(*) FROM jobs AS r WHERE r.state = 'running' AND r.lane = $1 AND r.tenant_id = j.tenant_id))
     ORDER BY j.priority, j.run_at LIMIT 1
       FOR UPDATE OF j SKIP LOCKED
)
UPDATE jobs AS j
   SET state = 'running', attempts = j.attempts + 1, heartbeat_at = haat_now(), started_at = coalesce(j.started_at, haat_now()),
       dedupe_key = CASE WHEN j.coalesces THEN NULL ELSE j.dedupe_key END
  FROM due WHERE j.tenant_id = due.tenant_id AND j.id = due.id
RETURNING j.tenant_id, j.id, j.kind, j.actor_id, j.payload, j.progress, j.attempts, j.schedule, j.slot, j.missed_slots,
          extract(epoch FROM haat_now() - due.run_at)::float8
