-- Parameters: $1 tenant, $2 kind, $3 parent, $4 name.
-- Result: the ids of the places under this parent that have this name, name in Bangla or alias.
SELECT id FROM regions WHERE $2 = 'region' AND tenant_id = $1 AND $4 IN (name, name_bn)
UNION ALL SELECT id FROM areas WHERE $2 = 'area' AND tenant_id = $1 AND region_id = $3 AND $4 IN (name, name_bn)
UNION ALL SELECT id FROM territories
           WHERE $2 = 'territory' AND tenant_id = $1 AND area_id = $3 AND $4 IN (name, name_bn)
UNION ALL SELECT id FROM distributors WHERE $2 = 'distributor' AND tenant_id = $1 AND $4 IN (name, name_bn)
UNION ALL SELECT region_id FROM place_aliases WHERE $2 = 'region' AND tenant_id = $1 AND kind = $2 AND alias = $4
UNION ALL SELECT a.id FROM place_aliases AS p JOIN areas AS a ON a.tenant_id = $1 AND a.id = p.area_id
           WHERE $2 = 'area' AND p.tenant_id = $1 AND a.region_id = $3 AND p.alias = $4
UNION ALL SELECT t.id FROM place_aliases AS p JOIN territories AS t ON t.tenant_id = $1 AND t.id = p.territory_id
           WHERE $2 = 'territory' AND p.tenant_id = $1 AND t.area_id = $3 AND p.alias = $4
