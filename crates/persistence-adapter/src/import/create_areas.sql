-- Parameters: $1 tenant, $2 import, $3 batch, $4 actor, $5 role, $6 request id, $7 now.
-- Result: the number of areas created. The sales map is locked, and the regions exist.
, wanted AS MATERIALIZED (
    -- If the region was deleted meanwhile, no area is created; its rows will report the error.
    SELECT DISTINCT p.region_id, p.area AS name FROM import_places AS p
      JOIN regions AS r ON r.tenant_id = $1 AND r.id = p.region_id
     WHERE p.tenant_id = $1 AND p.import_id = $2 AND p.area IS NOT NULL
), created AS (
    INSERT INTO areas (tenant_id, region_id, name) SELECT $1, region_id, name FROM wanted ORDER BY 2, 3
    ON CONFLICT DO NOTHING RETURNING id, region_id, name
), known AS (
    SELECT id, region_id, name FROM created
    UNION ALL SELECT id, region_id, name FROM areas
     WHERE tenant_id = $1 AND (region_id, name) IN (SELECT region_id, name FROM wanted)
), resolved AS (
    UPDATE import_places AS p SET area_id = k.id, area = NULL FROM known AS k
     WHERE p.tenant_id = $1 AND p.import_id = $2 AND p.region_id = k.region_id AND p.area = k.name
), feed AS (
    INSERT INTO changes (tenant_id, entity, entity_id, kind, batch_id) SELECT $1, 'area', id, 'created', $3 FROM created
), audited AS (
    INSERT INTO audit_logs (tenant_id, occurred_at, actor_id, actor_role, action, entity, entity_id, after, request_id, batch_id)
    SELECT $1, $7, $4, $5, 'area.create', 'area', id::text, jsonb_build_object('name', name, 'region', region_id), $6, $3
      FROM created
)
SELECT count(*) FROM created
