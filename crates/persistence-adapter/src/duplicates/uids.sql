-- Parameters: $1 tenant.
-- Result: uid and name of existing retailers whose uids differ in case only, the oldest first.
, twins AS MATERIALIZED (
    SELECT DISTINCT lower(uid) AS uid FROM retailers WHERE tenant_id = $1 AND uid_twin > 0 AND deleted_at IS NULL
)
SELECT r.uid, r.name FROM twins AS t
  JOIN retailers AS r ON r.tenant_id = $1 AND lower(r.uid) = t.uid AND r.deleted_at IS NULL
 ORDER BY r.id
