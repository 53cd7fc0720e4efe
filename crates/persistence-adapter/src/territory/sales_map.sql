-- Parameters: $1 tenant.
-- Result: all places and aliases: kind, id, name, name in Bangla, parent, version.
SELECT 'region', id, name, name_bn, NULL::bigint, version FROM regions WHERE tenant_id = $1
UNION ALL SELECT 'area', id, name, name_bn, region_id, version FROM areas WHERE tenant_id = $1
UNION ALL SELECT 'territory', id, name, name_bn, area_id, version FROM territories WHERE tenant_id = $1
UNION ALL SELECT 'distributor', id, name, name_bn, NULL, version FROM distributors WHERE tenant_id = $1
-- A row without a version is an alias; its parent column holds the id of the place.
UNION ALL SELECT kind, id, alias, NULL, coalesce(region_id, area_id, territory_id), NULL
            FROM place_aliases WHERE tenant_id = $1
