-- Parameters: $1 tenant, $2 import.
-- Result: the number of places deleted, because only rows with errors need them. Such rows create nothing.
, needed AS MATERIALIZED (
    SELECT DISTINCT p.place_no
      FROM import_rows AS r CROSS JOIN LATERAL (VALUES (r.territory_place), (r.distributor_place)) AS p (place_no)
     WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.outcome IS NULL AND p.place_no IS NOT NULL
), dropped AS (
    DELETE FROM import_places WHERE tenant_id = $1 AND import_id = $2 AND NOT place_no IN (SELECT place_no FROM needed)
    RETURNING 1
)
SELECT count(*) FROM dropped
