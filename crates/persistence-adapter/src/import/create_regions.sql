-- Parameters: $1 tenant, $2 import, $3 batch, $4 actor, $5 role, $6 request id, $7 now.
-- Result: the number of regions created. The sales map is locked.
, wanted AS MATERIALIZED (
    SELECT DISTINCT ON (region_key) region AS name, region_key AS key FROM import_places
     WHERE tenant_id = $1 AND import_id = $2 AND region IS NOT NULL ORDER BY region_key, place_no
), known AS MATERIALIZED (
    -- Created since the file was staged, under any name.
    SELECT r.id, w.key FROM wanted AS w JOIN regions AS r ON r.tenant_id = $1 AND w.key IN (r.name_key, r.name_bn_key)
    UNION SELECT a.region_id, w.key FROM wanted AS w
      JOIN place_aliases AS a ON a.tenant_id = $1 AND a.kind = 'region' AND a.alias_key = w.key
), created AS (
    INSERT INTO regions (tenant_id, name, name_key)
    SELECT $1, name, key FROM wanted WHERE NOT key IN (SELECT key FROM known) ORDER BY name
    ON CONFLICT DO NOTHING RETURNING id, name, name_key AS key
), resolved AS (
    UPDATE import_places AS p SET region_id = k.id, region = NULL
      FROM (SELECT id, key FROM created UNION ALL SELECT min(id), key FROM known GROUP BY key) AS k
     WHERE p.tenant_id = $1 AND p.import_id = $2 AND p.region_key = k.key
), feed AS (
    INSERT INTO changes (tenant_id, entity, entity_id, kind, batch_id) SELECT $1, 'region', id, 'created', $3 FROM created
), audited AS (
    INSERT INTO audit_logs (tenant_id, occurred_at, actor_id, actor_role, action, entity, entity_id, after, request_id, batch_id)
    SELECT $1, $7, $4, $5, 'region.create', 'region', id::text, jsonb_build_object('name', name), $6, $3 FROM created
)
SELECT count(*) FROM created
