-- Parameters: $1 tenant, $2 import, $3 batch, $4 actor, $5 role, $6 request id, $7 now.
-- Result: the number of distributors created. The sales map is locked.
, wanted AS MATERIALIZED (
    SELECT DISTINCT name FROM import_places WHERE tenant_id = $1 AND import_id = $2 AND kind = 'distributor'
), created AS (
    INSERT INTO distributors (tenant_id, name) SELECT $1, name FROM wanted ORDER BY 2 ON CONFLICT DO NOTHING
    RETURNING id, name
), known AS (
    SELECT id, name FROM created
    UNION ALL SELECT id, name FROM distributors WHERE tenant_id = $1 AND name IN (SELECT name FROM wanted)
), resolved AS (
    UPDATE import_places AS p SET place_id = k.id FROM known AS k
     WHERE p.tenant_id = $1 AND p.import_id = $2 AND p.kind = 'distributor' AND p.name = k.name
), feed AS (
    INSERT INTO changes (tenant_id, entity, entity_id, kind, batch_id) SELECT $1, 'distributor', id, 'created', $3 FROM created
), audited AS (
    INSERT INTO audit_logs (tenant_id, occurred_at, actor_id, actor_role, action, entity, entity_id, after, request_id, batch_id)
    SELECT $1, $7, $4, $5, 'distributor.create', 'distributor', id::text, jsonb_build_object('name', name), $6, $3 FROM created
)
SELECT count(*) FROM created
