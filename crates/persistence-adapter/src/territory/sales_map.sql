SELECT 'region', id, name, name_bn, NULL::bigint, version FROM regions WHERE tenant_id = $1
UNION ALL SELECT 'area', id, name, name_bn, region_id, version FROM areas WHERE tenant_id = $1
UNION ALL SELECT 'territory', id, name, name_bn, area_id, version FROM territories WHERE tenant_id = $1
UNION ALL SELECT 'distributor', id, name, name_bn, NULL, version FROM distributors WHERE tenant_id = $1
-- Without a version it is another spelling of a place, whose id stands where parents do.
UNION ALL SELECT kind, id, alias, NULL, coalesce(region_id, area_id, territory_id), NULL
            FROM place_aliases WHERE tenant_id = $1
