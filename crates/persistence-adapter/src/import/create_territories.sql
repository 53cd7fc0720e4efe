-- Parameters: $1 tenant, $2 import, $3 batch, $4 actor, $5 role, $6 request id, $7 now.
-- Result: the number of territories created. The sales map is locked, and the areas exist.
, wanted AS MATERIALIZED (
    -- If the area was deleted meanwhile, no territory is created; its rows will report the error.
    SELECT DISTINCT p.area_id, p.name FROM import_places AS p JOIN areas AS a ON a.tenant_id = $1 AND a.id = p.area_id
     WHERE p.tenant_id = $1 AND p.import_id = $2 AND p.kind = 'territory'
), created AS (
    INSERT INTO territories (tenant_id, area_id, name) SELECT $1, area_id, name FROM wanted ORDER BY 2, 3
    ON CONFLICT DO NOTHING RETURNING id, area_id, name
), known AS (
    SELECT id, area_id, name FROM created
    UNION ALL SELECT id, area_id, name FROM territories
     WHERE tenant_id = $1 AND (area_id, name) IN (SELECT area_id, name FROM wanted)
), resolved AS (
    UPDATE import_places AS p SET place_id = k.id FROM known AS k
     WHERE p.tenant_id = $1 AND p.import_id = $2 AND p.kind = 'territory' AND p.area_id = k.area_id AND p.name = k.name
), feed AS (
    INSERT INTO changes (tenant_id, entity, entity_id, kind, batch_id) SELECT $1, 'territory', id, 'created', $3 FROM created
), audited AS (
    INSERT INTO audit_logs (tenant_id, occurred_at, actor_id, actor_role, action, entity, entity_id, after, request_id, batch_id)
    SELECT $1, $7, $4, $5, 'territory.create', 'territory', id::text, jsonb_build_object('name', name, 'area', area_id), $6, $3
      FROM created
)
SELECT count(*) FROM created
