-- Parameters: $1 tenant, $2 kind, $3 id.
-- Result: the number of places removed.
, region AS (
    DELETE FROM regions WHERE $2 = 'region' AND tenant_id = $1 AND id = $3 RETURNING id
), area AS (
    DELETE FROM areas WHERE $2 = 'area' AND tenant_id = $1 AND id = $3 RETURNING id
), territory AS (
    DELETE FROM territories WHERE $2 = 'territory' AND tenant_id = $1 AND id = $3 RETURNING id
), distributor AS (
    DELETE FROM distributors WHERE $2 = 'distributor' AND tenant_id = $1 AND id = $3 RETURNING id
), removed AS (
    SELECT id FROM region UNION ALL SELECT id FROM area UNION ALL SELECT id FROM territory
    UNION ALL SELECT id FROM distributor
), feed AS (
    INSERT INTO changes (tenant_id, entity, entity_id, kind) SELECT $1, $2, id, 'deleted' FROM removed
)
SELECT count(*) FROM removed
