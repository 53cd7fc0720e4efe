-- Parameters: $1 tenant, $2 a name or NULL for all.
-- Result: the schedules of the tenant and of the platform, or, with a name, only that of the tenant: name, whether it is one of the
-- platform, time zone, whether it is enabled, last slot, version, current time; of the last job id, state, missed slots, end.
SELECT s.name, t.kind = 'platform', t.time_zone, s.enabled, s.last_slot, s.version, haat_now(),
       j.id, j.state, j.missed_slots, j.finished_at
  FROM schedules AS s
  JOIN tenants AS t ON t.id = s.tenant_id
  LEFT JOIN jobs AS j ON j.tenant_id = s.tenant_id AND j.id = s.last_job_id
 WHERE s.tenant_id = ANY (ARRAY[$1, CASE WHEN $2 IS NULL THEN (SELECT id FROM tenants WHERE kind = 'platform') END])
   AND ($2 IS NULL OR s.name = $2)
 ORDER BY s.name
