-- Parameters: $1 tenant, $2 import, $3 row limit, $4 whether the places have been created already.
-- Result: kind, region, area, name, the total number of places. A parent that is on the sales map is stored by its id.
SELECT p.kind, coalesce(p.region, r.name), coalesce(p.area, a.name), p.name, count(*) OVER ()
  FROM import_places AS p
  LEFT JOIN regions AS r ON r.tenant_id = $1 AND r.id = p.region_id
  LEFT JOIN areas AS a ON a.tenant_id = $1 AND a.id = p.area_id
 WHERE p.tenant_id = $1 AND p.import_id = $2 AND (p.place_id IS NOT NULL OR NOT $4)
 ORDER BY p.place_no LIMIT $3
