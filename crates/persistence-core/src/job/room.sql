-- The beginning of enqueue.sql and coalesce.sql.
-- Parameters: $1 tenant, $2 kind, $3 lane, $4 priority, $5 actor, $6 payload, $7 key of equal jobs or NULL, $8 seconds until it is due,
-- $9 time of expiry or NULL, $10 time of the request, $11 the limit of queued jobs of the tenant and kind,
-- $12 schedule or NULL.
-- Result: the id of the job if it was added, and whether it was not added because of the limit.
, room AS (
    SELECT count(*) < $11 AS is_free
      FROM (SELECT FROM jobs WHERE tenant_id = $1 AND kind = $2 AND state = 'queued' LIMIT $11) AS queued
), equal AS (
    SELECT EXISTS (
        SELECT FROM jobs
         WHERE tenant_id = $1 AND kind = $2 AND dedupe_key = $7 AND state IN ('queued', 'running')) AS is_found
)
