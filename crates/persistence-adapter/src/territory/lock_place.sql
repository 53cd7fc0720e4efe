-- Parameters: $1 tenant, $2 kind, $3 id.
-- Result: at most one row: id, name, name in Bangla, version, id and name of the area, id and name of the region.
-- The place is locked. A transaction that puts a retailer or a place into it holds FOR KEY SHARE through the foreign key.
, region AS MATERIALIZED (
    SELECT id, name, name_bn, version FROM regions WHERE $2 = 'region' AND tenant_id = $1 AND id = $3 FOR UPDATE
), area AS MATERIALIZED (
    SELECT id, name, name_bn, version, region_id FROM areas
     WHERE $2 = 'area' AND tenant_id = $1 AND id = $3 FOR UPDATE
), territory AS MATERIALIZED (
    SELECT id, name, name_bn, version, area_id FROM territories
     WHERE $2 = 'territory' AND tenant_id = $1 AND id = $3 FOR UPDATE
), distributor AS MATERIALIZED (
    SELECT id, name, name_bn, version FROM distributors
     WHERE $2 = 'distributor' AND tenant_id = $1 AND id = $3 FOR UPDATE
), place AS (
    SELECT id, name, name_bn, version, NULL::bigint AS area_id, NULL::bigint AS region_id FROM region
    UNION ALL SELECT id, name, name_bn, version, NULL, region_id FROM area
    UNION ALL SELECT id, name, name_bn, version, area_id, NULL FROM territory
    UNION ALL SELECT id, name, name_bn, version, NULL, NULL FROM distributor
)
SELECT p.id, p.name, p.name_bn, p.version, a.id, a.name, r.id, r.name
  FROM place AS p
  LEFT JOIN areas AS a ON a.tenant_id = $1 AND a.id = p.area_id
  LEFT JOIN regions AS r ON r.tenant_id = $1 AND r.id = coalesce(p.region_id, a.region_id)
