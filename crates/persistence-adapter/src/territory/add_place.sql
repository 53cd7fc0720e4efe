-- Parameters: $1 tenant, $2 kind, $3 parent, $4 name, $5 name in Bangla, $6 and $7 both names folded.
-- Result: the id of the place.
, region AS (
    INSERT INTO regions (tenant_id, name, name_bn, name_key, name_bn_key)
    SELECT $1, $4, $5, $6, $7 WHERE $2 = 'region' RETURNING id
), area AS (
    INSERT INTO areas (tenant_id, region_id, name, name_bn, name_key, name_bn_key)
    SELECT $1, $3, $4, $5, $6, $7 WHERE $2 = 'area' RETURNING id
), territory AS (
    INSERT INTO territories (tenant_id, area_id, name, name_bn, name_key, name_bn_key)
    SELECT $1, $3, $4, $5, $6, $7 WHERE $2 = 'territory' RETURNING id
), distributor AS (
    INSERT INTO distributors (tenant_id, name, name_bn, name_key, name_bn_key)
    SELECT $1, $4, $5, $6, $7 WHERE $2 = 'distributor' RETURNING id
), added AS (
    SELECT id FROM region UNION ALL SELECT id FROM area UNION ALL SELECT id FROM territory
    UNION ALL SELECT id FROM distributor
), feed AS (
    INSERT INTO changes (tenant_id, entity, entity_id, kind) SELECT $1, $2, id, 'created' FROM added
)
SELECT id FROM added
