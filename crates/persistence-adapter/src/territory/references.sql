-- Parameters: $1 tenant, $2 kind, $3 id.
-- Result: one row: the numbers of areas, territories, teams, roles, retailers and deleted retailers that refer to the place.
, areas_in AS MATERIALIZED (
    SELECT id FROM areas WHERE $2 = 'region' AND tenant_id = $1 AND region_id = $3
), territories_in AS MATERIALIZED (
    SELECT id FROM territories WHERE $2 = 'area' AND tenant_id = $1 AND area_id = $3
    UNION ALL SELECT t.id FROM territories AS t JOIN areas_in AS a ON a.id = t.area_id WHERE t.tenant_id = $1
), retailers_in AS (
    SELECT deleted_at FROM retailers WHERE $2 = 'area' AND tenant_id = $1 AND area_id = $3
    UNION ALL SELECT deleted_at FROM retailers WHERE $2 = 'territory' AND tenant_id = $1 AND territory_id = $3
    UNION ALL SELECT deleted_at FROM retailers WHERE $2 = 'distributor' AND tenant_id = $1 AND distributor_id = $3
    UNION ALL SELECT r.deleted_at FROM retailers AS r JOIN areas_in AS a ON a.id = r.area_id WHERE r.tenant_id = $1
)
SELECT (SELECT count(*) FROM areas_in), (SELECT count(*) FROM territories_in),
       (SELECT count(*) FROM teams WHERE $2 = 'area' AND tenant_id = $1 AND area_id = $3),
       (SELECT count(*) FROM user_roles
         WHERE tenant_id = $1 AND CASE $2 WHEN 'region' THEN region_id WHEN 'area' THEN area_id
                                          WHEN 'distributor' THEN distributor_id END = $3),
       count(*) FILTER (WHERE deleted_at IS NULL), count(*) FILTER (WHERE deleted_at IS NOT NULL)
  FROM retailers_in
