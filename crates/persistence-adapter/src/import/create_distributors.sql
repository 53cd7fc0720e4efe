-- Parameters: $1 tenant, $2 import, $3 batch, $4 actor, $5 role, $6 request id, $7 now.
-- Result: the number of distributors created. The sales map is locked.
, wanted AS MATERIALIZED (
    SELECT DISTINCT ON (name_key) name, name_key AS key FROM import_places
     WHERE tenant_id = $1 AND import_id = $2 AND kind = 'distributor' ORDER BY name_key, place_no
), known AS MATERIALIZED (
    -- Created since the file was staged, under any name.
    SELECT min(d.id) AS id, w.key FROM wanted AS w
      JOIN distributors AS d ON d.tenant_id = $1 AND w.key IN (d.name_key, d.name_bn_key) GROUP BY w.key
), created AS (
    INSERT INTO distributors (tenant_id, name, name_key)
    SELECT $1, name, key FROM wanted WHERE NOT key IN (SELECT key FROM known) ORDER BY name
    ON CONFLICT DO NOTHING RETURNING id, name, name_key AS key
), resolved AS (
    UPDATE import_places AS p SET place_id = k.id
      FROM (SELECT id, key FROM created UNION ALL SELECT id, key FROM known) AS k
     WHERE p.tenant_id = $1 AND p.import_id = $2 AND p.kind = 'distributor' AND p.name_key = k.key
), feed AS (
    INSERT INTO changes (tenant_id, entity, entity_id, kind, batch_id) SELECT $1, 'distributor', id, 'created', $3 FROM created
), audited AS (
    INSERT INTO audit_logs (tenant_id, occurred_at, actor_id, actor_role, action, entity, entity_id, after, request_id, batch_id)
    SELECT $1, $7, $4, $5, 'distributor.create', 'distributor', id::text, jsonb_build_object('name', name), $6, $3 FROM created
)
SELECT count(*) FROM created
