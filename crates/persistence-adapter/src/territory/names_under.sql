-- Parameters: $1 tenant, $2 kind, $3 parent.
-- Result: id and name of the places under this parent, each with all its names: English, Bangla and aliases.
, places AS (
    SELECT id, name, name_bn FROM regions WHERE $2 = 'region' AND tenant_id = $1
    UNION ALL SELECT id, name, name_bn FROM areas WHERE $2 = 'area' AND tenant_id = $1 AND region_id = $3
    UNION ALL SELECT id, name, name_bn FROM territories WHERE $2 = 'territory' AND tenant_id = $1 AND area_id = $3
    UNION ALL SELECT id, name, name_bn FROM distributors WHERE $2 = 'distributor' AND tenant_id = $1
)
SELECT id, name FROM places
UNION ALL SELECT id, name_bn FROM places WHERE name_bn IS NOT NULL
UNION ALL SELECT p.id, a.alias FROM place_aliases AS a
            JOIN places AS p ON p.id = coalesce(a.region_id, a.area_id, a.territory_id)
           WHERE a.tenant_id = $1 AND a.kind = $2
