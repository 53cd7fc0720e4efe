-- Parameters: $1 tenant, $2 id.
-- Result: at most one row: kind, id and name of the place, the spelling.
, removed AS (
    DELETE FROM place_aliases WHERE tenant_id = $1 AND id = $2
    RETURNING kind, region_id, area_id, territory_id, alias
), feed AS (
    INSERT INTO changes (tenant_id, entity, entity_id, kind)
    SELECT $1, kind, coalesce(region_id, area_id, territory_id), 'updated' FROM removed
)
SELECT x.kind, coalesce(r.id, a.id, t.id), coalesce(r.name, a.name, t.name), x.alias
  FROM removed AS x
  LEFT JOIN regions AS r ON r.tenant_id = $1 AND r.id = x.region_id
  LEFT JOIN areas AS a ON a.tenant_id = $1 AND a.id = x.area_id
  LEFT JOIN territories AS t ON t.tenant_id = $1 AND t.id = x.territory_id
