-- Parameters: $1 tenant, $2 import, $3 row limit for each kind, $4 whether the places have been created already.
-- Result: kind, region, area, name, the number of places of this kind. A parent that is on the sales map is stored by its id.
, rows AS MATERIALIZED (
    SELECT p.place_no, p.kind, p.name, p.region_key, p.area_key, coalesce(p.region, r.name) AS region,
           coalesce(p.area, a.name) AS area
      FROM import_places AS p
      LEFT JOIN regions AS r ON r.tenant_id = $1 AND r.id = p.region_id
      LEFT JOIN areas AS a ON a.tenant_id = $1 AND a.id = p.area_id
     WHERE p.tenant_id = $1 AND p.import_id = $2 AND (p.place_id IS NOT NULL OR NOT $4)
), places AS (
    SELECT 1 AS level, 'region' AS kind, NULL::text AS region, NULL::text AS area, min(region) AS name, min(place_no) AS place_no
      FROM rows WHERE region_key IS NOT NULL GROUP BY region_key
    UNION ALL
    SELECT 2, 'area', min(region), NULL, min(area), min(place_no)
      FROM rows WHERE area_key IS NOT NULL GROUP BY region, area_key
    UNION ALL
    SELECT CASE kind WHEN 'territory' THEN 3 ELSE 4 END, kind, region, area, name, place_no FROM rows
), numbered AS (
    SELECT *, row_number() OVER (PARTITION BY level ORDER BY place_no) AS number, count(*) OVER (PARTITION BY level) AS total
      FROM places
)
SELECT kind, region, area, name, total FROM numbered WHERE number <= $3 ORDER BY level, number
