-- Parameters: $1 tenant, $2 import, $3 batch, $4 actor, $5 role, $6 request id, $7 now.
-- Result: the number of territories created. The sales map is locked, and the areas exist.
, wanted AS MATERIALIZED (
    -- If the area was deleted meanwhile, no territory is created; its rows will report the error.
    SELECT DISTINCT ON (p.area_id, p.name_key) p.area_id, p.name, p.name_key AS key FROM import_places AS p
      JOIN areas AS a ON a.tenant_id = $1 AND a.id = p.area_id
     WHERE p.tenant_id = $1 AND p.import_id = $2 AND p.kind = 'territory' ORDER BY p.area_id, p.name_key, p.place_no
), known AS MATERIALIZED (
    -- Created since the file was staged, under any name.
    SELECT t.id, w.area_id, w.key FROM wanted AS w
      JOIN territories AS t ON t.tenant_id = $1 AND t.area_id = w.area_id AND w.key IN (t.name_key, t.name_bn_key)
    UNION SELECT t.id, w.area_id, w.key FROM wanted AS w
      JOIN place_aliases AS p ON p.tenant_id = $1 AND p.kind = 'territory' AND p.alias_key = w.key
      JOIN territories AS t ON t.tenant_id = $1 AND t.id = p.territory_id AND t.area_id = w.area_id
), created AS (
    INSERT INTO territories (tenant_id, area_id, name, name_key)
    SELECT $1, area_id, name, key FROM wanted
     WHERE NOT (area_id, key) IN (SELECT area_id, key FROM known) ORDER BY area_id, name
    ON CONFLICT DO NOTHING RETURNING id, area_id, name, name_key AS key
), resolved AS (
    UPDATE import_places AS p SET place_id = k.id
      FROM (SELECT id, area_id, key FROM created
            UNION ALL SELECT min(id), area_id, key FROM known GROUP BY area_id, key) AS k
     WHERE p.tenant_id = $1 AND p.import_id = $2 AND p.kind = 'territory' AND p.area_id = k.area_id AND p.name_key = k.key
), feed AS (
    INSERT INTO changes (tenant_id, entity, entity_id, kind, batch_id) SELECT $1, 'territory', id, 'created', $3 FROM created
), audited AS (
    INSERT INTO audit_logs (tenant_id, occurred_at, actor_id, actor_role, action, entity, entity_id, after, request_id, batch_id)
    SELECT $1, $7, $4, $5, 'territory.create', 'territory', id::text, jsonb_build_object('name', name, 'area', area_id), $6, $3
      FROM created
)
SELECT count(*) FROM created
