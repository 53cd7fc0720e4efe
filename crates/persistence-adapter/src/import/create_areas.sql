-- Parameters: $1 tenant, $2 import, $3 batch, $4 actor, $5 role, $6 request id, $7 now.
-- Result: the number of areas created. The sales map is locked, and the regions exist.
, wanted AS MATERIALIZED (
    -- If the region was deleted meanwhile, no area is created; its rows will report the error.
    SELECT DISTINCT ON (p.region_id, p.area_key) p.region_id, p.area AS name, p.area_key AS key FROM import_places AS p
      JOIN regions AS r ON r.tenant_id = $1 AND r.id = p.region_id
     WHERE p.tenant_id = $1 AND p.import_id = $2 AND p.area IS NOT NULL ORDER BY p.region_id, p.area_key, p.place_no
), known AS MATERIALIZED (
    -- Created since the file was staged, under any name.
    SELECT a.id, w.region_id, w.key FROM wanted AS w
      JOIN areas AS a ON a.tenant_id = $1 AND a.region_id = w.region_id AND w.key IN (a.name_key, a.name_bn_key)
    UNION SELECT a.id, w.region_id, w.key FROM wanted AS w
      JOIN place_aliases AS p ON p.tenant_id = $1 AND p.kind = 'area' AND p.alias_key = w.key
      JOIN areas AS a ON a.tenant_id = $1 AND a.id = p.area_id AND a.region_id = w.region_id
), created AS (
    INSERT INTO areas (tenant_id, region_id, name, name_key)
    SELECT $1, region_id, name, key FROM wanted
     WHERE NOT (region_id, key) IN (SELECT region_id, key FROM known) ORDER BY region_id, name
    ON CONFLICT DO NOTHING RETURNING id, region_id, name, name_key AS key
), resolved AS (
    UPDATE import_places AS p SET area_id = k.id, area = NULL
      FROM (SELECT id, region_id, key FROM created
            UNION ALL SELECT min(id), region_id, key FROM known GROUP BY region_id, key) AS k
     WHERE p.tenant_id = $1 AND p.import_id = $2 AND p.region_id = k.region_id AND p.area_key = k.key
), feed AS (
    INSERT INTO changes (tenant_id, entity, entity_id, kind, batch_id) SELECT $1, 'area', id, 'created', $3 FROM created
), audited AS (
    INSERT INTO audit_logs (tenant_id, occurred_at, actor_id, actor_role, action, entity, entity_id, after, request_id, batch_id)
    SELECT $1, $7, $4, $5, 'area.create', 'area', id::text, jsonb_build_object('name', name, 'region', region_id), $6, $3
      FROM created
)
SELECT count(*) FROM created
