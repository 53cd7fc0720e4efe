-- Parameters: $1 names.
-- Result: the names of late schedules, with the seconds by which the latest tenant is late.
SELECT s.name, max(extract(epoch FROM haat_now() - s.wake_at))::float8
  FROM schedules AS s JOIN tenants AS t ON t.id = s.tenant_id
 WHERE s.enabled AND s.wake_at <= haat_now() AND s.name = ANY ($1) AND t.state = 'active'
 GROUP BY s.name
