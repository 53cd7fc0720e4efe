SELECT 'region', id, name, name_bn FROM regions WHERE tenant_id = $1
UNION ALL SELECT 'area', id, name, name_bn FROM areas WHERE tenant_id = $1
UNION ALL SELECT 'territory', id, name, name_bn FROM territories WHERE tenant_id = $1
UNION ALL SELECT 'distributor', id, name, NULL FROM distributors WHERE tenant_id = $1
-- A second row for a place is another name of it.
UNION ALL SELECT kind, coalesce(region_id, area_id, territory_id), NULL, alias FROM place_aliases WHERE tenant_id = $1
