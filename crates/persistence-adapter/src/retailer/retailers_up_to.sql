-- Parameters: $1 tenant, $2 areas, $3 the number at which counting stops.
-- Result: the number of retailers in the areas.
SELECT count(*) FROM (
    SELECT FROM retailers WHERE tenant_id = $1 AND area_id = ANY ($2) AND deleted_at IS NULL LIMIT $3
) AS counted
