-- Parameters, one array for each member of a tally: $1 tenants, $2 users, $3 requests, $4 changes, $5 logins, $6 first times,
-- $7 last times.
-- Adds tallies to the days on which they end in the time zone of their tenant. Rows are locked in the order of their keys, so
-- that processes do not deadlock.
, tallies AS (
    SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
        AS c (tenant_id, user_id, requests, changes, logins, first_at, last_at)
), days AS (
    SELECT c.tenant_id, (c.last_at AT TIME ZONE t.time_zone)::date AS day, c.user_id, sum(c.requests)::bigint AS requests,
           sum(c.changes)::bigint AS changes, sum(c.logins)::bigint AS logins, min(c.first_at) AS first_at,
           max(c.last_at) AS last_at
      FROM tallies AS c
      JOIN tenants AS t ON t.id = c.tenant_id
     GROUP BY 1, 2, 3
)
INSERT INTO user_activity AS a (tenant_id, day, user_id, requests, changes, logins, first_at, last_at)
SELECT tenant_id, day, user_id, requests, changes, logins, first_at, last_at FROM days ORDER BY tenant_id, day, user_id
    ON CONFLICT (tenant_id, day, user_id) DO UPDATE
   SET requests = a.requests + excluded.requests, changes = a.changes + excluded.changes,
       logins = a.logins + excluded.logins, first_at = least(a.first_at, excluded.first_at),
       last_at = greatest(a.last_at, excluded.last_at)
