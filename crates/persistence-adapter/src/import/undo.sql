-- Parameters: $1 tenant, $2 the import's batch, $3 the undoing batch; retailers after $4, $5 at most; $6 actor, $7 role,
-- $8 request id, $9 now.
-- Result: one row: retailers processed, the last of them (NULL: none), retailers removed, retailers restored, the new
-- plan_cache_mode.
-- The sales map and the retailers are locked.
, chunk AS MATERIALIZED (
    SELECT retailer_id, before, version FROM retailer_changes
     WHERE tenant_id = $1 AND batch_id = $2 AND retailer_id > $4 ORDER BY retailer_id LIMIT $5
), targets AS MATERIALIZED (
    SELECT s.id, s.uid, s.search_key, p.before,
           s.version = p.version OR retailer_version_like($1, s.id, s.version) = p.version AS untouched,
           jsonb_build_object('name', s.name, 'phone', s.phone, 'territory', s.territory_id, 'distributor', s.distributor_id,
                              'points', s.points, 'routes', s.routes, 'notes', s.notes, 'deletedAt', s.deleted_at) AS now
      FROM chunk AS p JOIN retailers AS s ON s.tenant_id = $1 AND s.id = p.retailer_id
), candidates AS MATERIALIZED (
    SELECT s.*, t.id AS territory_id, t.area_id, a.region_id, d.id AS distributor_id,
           CASE WHEN s.before IS NULL THEN s.untouched
                 AND NOT EXISTS (SELECT FROM sales_rep_retailers AS l WHERE l.tenant_id = $1 AND l.retailer_id = s.id)
                 AND NOT EXISTS (SELECT FROM assignment_history AS h WHERE h.tenant_id = $1 AND h.retailer_id = s.id)
                -- A retailer that the import restored is deleted again, unless a sales rep serves it.
                WHEN s.before ->> 'deletedAt' IS NOT NULL
                 AND EXISTS (SELECT FROM sales_rep_retailers AS l WHERE l.tenant_id = $1 AND l.retailer_id = s.id) THEN FALSE
                ELSE s.untouched AND a.id IS NOT NULL AND (d.id IS NOT NULL OR s.before ->> 'distributor' IS NULL) END AS undoable
      FROM targets AS s
      LEFT JOIN territories AS t ON t.tenant_id = $1 AND t.id = (s.before ->> 'territory')::bigint
      LEFT JOIN areas AS a ON a.tenant_id = $1 AND a.id = t.area_id
      LEFT JOIN distributors AS d ON d.tenant_id = $1 AND d.id = (s.before ->> 'distributor')::bigint
), removed AS MATERIALIZED (
    SELECT r.id, r.uid, r.was
      FROM remove_created_retailers($1, $2, ARRAY(SELECT id FROM candidates WHERE undoable AND before IS NULL)) AS r
), restored AS (
    UPDATE retailers AS u
       SET name = f.before ->> 'name', phone = f.before ->> 'phone', territory_id = f.territory_id, area_id = f.area_id,
           region_id = f.region_id, distributor_id = f.distributor_id, points = (f.before ->> 'points')::integer,
           routes = ARRAY(SELECT jsonb_array_elements_text(f.before -> 'routes')), notes = f.before ->> 'notes',
           deleted_at = (f.before ->> 'deletedAt')::timestamptz, search_key = f.before ->> 'searchKey',
           version = u.version + 1, updated_at = greatest($9, u.updated_at)
      FROM candidates AS f WHERE u.tenant_id = $1 AND u.id = f.id AND f.undoable AND f.before IS NOT NULL
    RETURNING u.id, u.uid, u.version, f.before - 'searchKey' AS before, f.now
), recorded AS (
    -- No join with the results: PostgreSQL cannot estimate how many retailers a batch has and would compare all pairs.
    UPDATE retailer_changes AS c
       SET undo_state = CASE WHEN NOT c.retailer_id IN (SELECT id FROM candidates WHERE undoable) THEN 'changed'
                       WHEN c.before IS NULL THEN 'removed' ELSE 'restored' END,
           undo_version = CASE WHEN c.retailer_id IN (SELECT id FROM restored) THEN
                               (SELECT s.version + 1 FROM retailers AS s WHERE s.tenant_id = $1 AND s.id = c.retailer_id) END,
           undo_base = CASE WHEN c.retailer_id IN (SELECT id FROM restored)
                            THEN retailer_version_like($1, c.retailer_id, c.version - 1) END
     WHERE c.tenant_id = $1 AND c.batch_id = $2 AND c.retailer_id > $4
       AND c.retailer_id <= (SELECT max(retailer_id) FROM chunk)
), feed AS (
    INSERT INTO changes (tenant_id, entity, entity_id, kind, batch_id)
    SELECT $1, 'retailer', id, CASE WHEN before ->> 'deletedAt' IS NULL THEN 'updated' ELSE 'deleted' END, $3 FROM restored
), audited AS (
    INSERT INTO audit_logs (tenant_id, occurred_at, actor_id, actor_role, action, entity, entity_id, before, after, request_id, batch_id)
    SELECT $1, $9, $6, $7, 'retailer.remove', 'retailer', uid, was, NULL, $8, $3 FROM removed
    UNION ALL
    SELECT $1, $9, $6, $7, CASE WHEN before ->> 'deletedAt' IS NULL THEN 'retailer.update' ELSE 'retailer.delete' END,
           'retailer', uid,
           (SELECT jsonb_object_agg(n.key, n.value) FROM jsonb_each(now) AS n WHERE n.value <> before -> n.key),
           (SELECT jsonb_object_agg(b.key, b.value) FROM jsonb_each(before) AS b WHERE b.value <> now -> b.key)
           || jsonb_build_object('version', version), $8, $3
      FROM restored
)
SELECT (SELECT count(*) FROM chunk), (SELECT max(retailer_id) FROM chunk), (SELECT count(*) FROM removed),
       (SELECT count(*) FROM restored), set_config('plan_cache_mode', 'force_generic_plan', TRUE)
