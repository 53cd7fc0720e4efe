-- Parameters: $1 tenant, $2 kind, $3 id, $4 parent, $5 name, $6 name in Bangla, $7 version, $8 kind of the feed
-- entry: 'updated' or 'moved', $9 and $10 both names folded.
-- Result: the number of places changed. The key of the name stays empty while a sibling has the same from earlier.
, region AS (
    UPDATE regions SET name = $5, name_bn = $6, version = $7, name_bn_key = $10,
           name_key = CASE WHEN NOT EXISTS (SELECT FROM regions WHERE tenant_id = $1 AND id <> $3 AND name_key = $9) THEN $9 END
     WHERE $2 = 'region' AND tenant_id = $1 AND id = $3 RETURNING id
), area AS (
    UPDATE areas SET region_id = $4, name = $5, name_bn = $6, version = $7, name_bn_key = $10,
           name_key = CASE WHEN NOT EXISTS (
               SELECT FROM areas WHERE tenant_id = $1 AND region_id = $4 AND id <> $3 AND name_key = $9) THEN $9 END
     WHERE $2 = 'area' AND tenant_id = $1 AND id = $3 RETURNING id
), territory AS (
    UPDATE territories SET area_id = $4, name = $5, name_bn = $6, version = $7, name_bn_key = $10,
           name_key = CASE WHEN NOT EXISTS (
               SELECT FROM territories WHERE tenant_id = $1 AND area_id = $4 AND id <> $3 AND name_key = $9) THEN $9 END
     WHERE $2 = 'territory' AND tenant_id = $1 AND id = $3 RETURNING id
), distributor AS (
    UPDATE distributors SET name = $5, name_bn = $6, version = $7, name_bn_key = $10,
           name_key = CASE WHEN NOT EXISTS (
               SELECT FROM distributors WHERE tenant_id = $1 AND id <> $3 AND name_key = $9) THEN $9 END
     WHERE $2 = 'distributor' AND tenant_id = $1 AND id = $3 RETURNING id
), changed AS (
    SELECT id FROM region UNION ALL SELECT id FROM area UNION ALL SELECT id FROM territory
    UNION ALL SELECT id FROM distributor
), feed AS (
    INSERT INTO changes (tenant_id, entity, entity_id, kind) SELECT $1, $2, id, $8 FROM changed
)
SELECT count(*) FROM changed
