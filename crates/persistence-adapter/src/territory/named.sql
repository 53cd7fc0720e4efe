-- $1 tenant, $2 kind, $3 parent, $4 name.
SELECT id FROM regions WHERE $2 = 'region' AND tenant_id = $1 AND name = $4
UNION ALL SELECT id FROM areas WHERE $2 = 'area' AND tenant_id = $1 AND region_id = $3 AND name = $4
UNION ALL SELECT id FROM territories WHERE $2 = 'territory' AND tenant_id = $1 AND area_id = $3 AND name = $4
UNION ALL SELECT id FROM distributors WHERE $2 = 'distributor' AND tenant_id = $1 AND name = $4
