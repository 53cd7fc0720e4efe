-- $1 tenant, $2 import, $3 batch, $4 actor, $5 role, $6 request id, $7 now. The sales map is locked, regions are known.
, wanted AS MATERIALIZED (
    -- Where somebody has deleted the region meanwhile, there is none; the rows will say so.
    SELECT DISTINCT p.region_id, p.area AS name FROM import_places AS p
      JOIN regions AS r ON r.tenant_id = $1 AND r.id = p.region_id
     WHERE p.tenant_id = $1 AND p.import_id = $2 AND p.area IS NOT NULL
), made AS (
    INSERT INTO areas (tenant_id, region_id, name) SELECT $1, region_id, name FROM wanted ORDER BY 2, 3
    ON CONFLICT DO NOTHING RETURNING id, region_id, name
), known AS (
    SELECT id, region_id, name FROM made
    UNION ALL SELECT id, region_id, name FROM areas
     WHERE tenant_id = $1 AND (region_id, name) IN (SELECT region_id, name FROM wanted)
), found AS (
    UPDATE import_places AS p SET area_id = k.id, area = NULL FROM known AS k
     WHERE p.tenant_id = $1 AND p.import_id = $2 AND p.region_id = k.region_id AND p.area = k.name
), told AS (
    INSERT INTO changes (tenant_id, entity, entity_id, kind, batch_id) SELECT $1, 'area', id, 'created', $3 FROM made
), audited AS (
    INSERT INTO audit_logs (tenant_id, at, actor_id, actor_role, action, entity, entity_id, after, request_id, batch_id)
    SELECT $1, $7, $4, $5, 'area.create', 'area', id::text, jsonb_build_object('name', name, 'region', region_id), $6, $3
      FROM made
)
SELECT count(*) FROM made
