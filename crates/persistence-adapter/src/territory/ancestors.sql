-- Parameters: $1 tenant, $2 kind, $3 the parent of a place of that kind.
-- Result: id and name of the area, id and name of the region; no row if the parent does not exist.
SELECT NULL::bigint, NULL::text, id, name FROM regions WHERE $2 = 'area' AND tenant_id = $1 AND id = $3
UNION ALL
SELECT a.id, a.name, r.id, r.name
  FROM areas AS a JOIN regions AS r ON r.tenant_id = $1 AND r.id = a.region_id
 WHERE $2 = 'territory' AND a.tenant_id = $1 AND a.id = $3
