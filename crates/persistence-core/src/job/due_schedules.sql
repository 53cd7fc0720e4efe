-- Parameters: $1 names, $2 the largest number of rows.
-- Result: schedules whose next slot has come: tenant, name, time zone, time up to which slots are decided, current time, number of
-- active companies.
, due AS (
    SELECT s.tenant_id, s.name, t.time_zone, s.decided_until
      FROM schedules AS s JOIN tenants AS t ON t.id = s.tenant_id
     WHERE s.enabled AND s.wake_at <= haat_now() AND s.name = ANY ($1) AND t.state = 'active'
     ORDER BY s.wake_at LIMIT $2
       FOR UPDATE OF s SKIP LOCKED
)
SELECT tenant_id, name, time_zone, decided_until, haat_now(),
       (SELECT count(*) FROM tenants WHERE state = 'active' AND kind = 'company')
  FROM due
