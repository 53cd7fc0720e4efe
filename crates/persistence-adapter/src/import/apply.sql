-- Parameters: $1 tenant, $2 import, $3 batch; rows after $4 up to and including $5; $6 actor, $7 role, $8 request id, $9 now;
-- $10 mode, $11 whether deleted retailers are restored; whether the file has the column name ($12), phone, territory,
-- distributor, points, routes and notes ($18).
-- Result: one row: retailers created, retailers updated, rows with errors, rows processed, uids of retailers that were removed
-- while this statement ran, the new plan_cache_mode.
-- The sales map is locked. Every join goes by key from a few thousand rows to a table of a million rows, and never to rows
-- that are not stored.
, staged AS MATERIALIZED (
    -- Places through scalar subqueries, because a join would scan all of them for each row.
    SELECT r.row_no, r.sheet_row, r.uid, r.name, r.phone,
           coalesce(r.territory_id, (SELECT p.place_id FROM import_places AS p
               WHERE p.tenant_id = $1 AND p.import_id = $2 AND p.place_no = r.territory_place)) AS territory_id,
           coalesce(r.distributor_id, (SELECT p.place_id FROM import_places AS p
               WHERE p.tenant_id = $1 AND p.import_id = $2 AND p.place_no = r.distributor_place)) AS distributor_id,
           r.distributor_id IS NOT NULL OR r.distributor_place IS NOT NULL AS has_distributor, r.points, r.routes, r.notes,
           r.search_key, r.outcome
      FROM import_rows AS r
     WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.row_no > $4 AND r.row_no <= $5
), deleted_rows AS (
    -- The rows are in memory by now. Deleting a million rows at the end took 7 s.
    DELETE FROM import_rows WHERE tenant_id = $1 AND import_id = $2 AND row_no > $4 AND row_no <= $5
), checked AS MATERIALIZED (
    SELECT r.*, t.area_id, a.region_id, s.id,
           CASE WHEN $14 AND a.id IS NULL THEN 'territory'
                WHEN r.has_distributor AND d.id IS NULL THEN 'distributor'
                WHEN s.id IS NULL AND $10 = 'update' OR s.id IS NOT NULL AND $10 = 'create'
                  OR s.deleted_at IS NOT NULL AND NOT $11 THEN 'uid' END AS invalid_field,
           s.deleted_at IS NOT NULL OR $12 AND s.name <> r.name OR $13 AND s.phone IS DISTINCT FROM r.phone
           OR $14 AND s.territory_id <> r.territory_id OR $15 AND s.distributor_id IS DISTINCT FROM r.distributor_id
           OR $16 AND s.points <> r.points OR $17 AND s.routes <> r.routes OR $18 AND s.notes IS DISTINCT FROM r.notes
           AS differs
      FROM staged AS r
      LEFT JOIN retailers AS s ON s.tenant_id = $1 AND s.uid = r.uid
      LEFT JOIN territories AS t ON t.tenant_id = $1 AND t.id = r.territory_id
      LEFT JOIN areas AS a ON a.tenant_id = $1 AND a.id = t.area_id
      LEFT JOIN distributors AS d ON d.tenant_id = $1 AND d.id = r.distributor_id
     WHERE r.outcome IS NULL
), created AS (
    -- In order of uid, so that two transactions that insert many rows cannot deadlock. If another transaction inserted
    -- a uid first, the chunk fails and is retried.
    INSERT INTO retailers (tenant_id, uid, name, phone, region_id, area_id, territory_id, distributor_id, points, routes,
                           notes, search_key, created_at, updated_at)
    SELECT $1, uid, name, phone, region_id, area_id, territory_id, distributor_id, points, routes, notes, search_key, $9, $9
      FROM checked WHERE invalid_field IS NULL AND id IS NULL ORDER BY uid
    RETURNING id, uid, name, phone, region_id, area_id, territory_id, distributor_id, points, routes, notes, version
), locked AS MATERIALIZED (
    -- The values after the lock is acquired; the previous lock holder has committed.
    SELECT s.id, s.uid, s.name AS old_name, s.phone AS old_phone, s.territory_id AS old_territory_id,
           s.distributor_id AS old_distributor_id, s.points AS old_points, s.routes AS old_routes, s.notes AS old_notes,
           s.deleted_at AS old_deleted_at, s.search_key AS old_search_key, j.row_no, j.sheet_row,
           CASE WHEN $12 THEN j.name ELSE s.name END AS name, CASE WHEN $13 THEN j.phone ELSE s.phone END AS phone,
           CASE WHEN $14 THEN j.region_id ELSE s.region_id END AS region_id,
           CASE WHEN $14 THEN j.area_id ELSE s.area_id END AS area_id,
           CASE WHEN $14 THEN j.territory_id ELSE s.territory_id END AS territory_id,
           CASE WHEN $15 THEN j.distributor_id ELSE s.distributor_id END AS distributor_id,
           CASE WHEN $16 THEN j.points ELSE s.points END AS points, CASE WHEN $17 THEN j.routes ELSE s.routes END AS routes,
           CASE WHEN $18 THEN j.notes ELSE s.notes END AS notes,
           -- Three lines: name, uid, phone.
           concat_ws(E'\n', split_part(CASE WHEN $12 THEN j.search_key ELSE s.search_key END, E'\n', 1),
                     split_part(j.search_key, E'\n', 2),
                     split_part(CASE WHEN $13 THEN j.search_key ELSE s.search_key END, E'\n', 3)) AS search_key
      FROM checked AS j JOIN retailers AS s ON s.tenant_id = $1 AND s.id = j.id
     WHERE j.invalid_field IS NULL AND j.differs
     ORDER BY s.id FOR UPDATE OF s
), changed AS (
    UPDATE retailers AS u
       SET name = l.name, phone = l.phone, region_id = l.region_id, area_id = l.area_id, territory_id = l.territory_id,
           distributor_id = l.distributor_id, points = l.points, routes = l.routes, notes = l.notes,
           search_key = l.search_key, deleted_at = NULL, version = u.version + 1,
           -- Clocks of two machines differ, and a list in order of this time must not go back.
           updated_at = greatest($9, u.updated_at)
      FROM locked AS l
     WHERE u.tenant_id = $1 AND u.id = l.id AND (l.old_deleted_at IS NULL OR $11)
       AND (l.old_name, l.old_phone, l.old_territory_id, l.old_distributor_id, l.old_points, l.old_routes, l.old_notes,
            l.old_deleted_at) IS DISTINCT FROM
           (l.name, l.phone, l.territory_id, l.distributor_id, l.points, l.routes, l.notes, NULL::timestamptz)
    RETURNING u.id, u.uid, u.version,
           jsonb_build_object('name', l.old_name, 'phone', l.old_phone, 'territory', l.old_territory_id,
                              'distributor', l.old_distributor_id, 'points', l.old_points, 'routes', l.old_routes,
                              'notes', l.old_notes, 'deletedAt', l.old_deleted_at) AS before,
           l.old_search_key AS search_key,
           jsonb_build_object('name', u.name, 'phone', u.phone, 'territory', u.territory_id,
                              'distributor', u.distributor_id, 'points', u.points, 'routes', u.routes,
                              'notes', u.notes, 'deletedAt', NULL) AS after
), recorded AS (
    INSERT INTO retailer_changes (tenant_id, batch_id, retailer_id, before, version)
    SELECT $1, $3, id, NULL, version FROM created
    UNION ALL
    SELECT $1, $3, id, before || jsonb_build_object('searchKey', search_key), version FROM changed
), feed AS (
    -- A new retailer has no sales rep yet, so no cache holds it.
    INSERT INTO changes (tenant_id, entity, entity_id, kind, batch_id) SELECT $1, 'retailer', id, 'updated', $3 FROM changed
), audited AS (
    INSERT INTO audit_logs (tenant_id, occurred_at, actor_id, actor_role, action, entity, entity_id, before, after, request_id, batch_id)
    SELECT $1, $9, $6, $7, 'retailer.create', 'retailer', uid, NULL,
           jsonb_build_object('name', name, 'phone', phone, 'region', region_id, 'area', area_id, 'territory', territory_id,
                              'distributor', distributor_id, 'points', points, 'routes', routes, 'notes', notes,
                              'version', version), $8, $3
      FROM created
    UNION ALL
    -- Only the members that changed.
    SELECT $1, $9, $6, $7, CASE WHEN before ->> 'deletedAt' IS NULL THEN 'retailer.update' ELSE 'retailer.restore' END,
           'retailer', uid,
           (SELECT jsonb_object_agg(b.key, b.value) FROM jsonb_each(before) AS b WHERE b.value <> after -> b.key),
           (SELECT jsonb_object_agg(a.key, a.value) FROM jsonb_each(after) AS a WHERE a.value <> before -> a.key)
           || jsonb_build_object('version', version), $8, $3
      FROM changed
), faults AS (
    SELECT j.row_no, j.sheet_row, j.invalid_field AS field, j.uid, CASE WHEN j.invalid_field <> 'uid' THEN 'not-found' WHEN j.id IS NULL THEN 'unknown-uid'
             WHEN $10 = 'create' THEN 'already-exists' ELSE 'uid-deleted' END AS code
      FROM checked AS j WHERE j.invalid_field IS NOT NULL
    UNION ALL
    SELECT l.row_no, l.sheet_row, 'uid', l.uid, 'uid-deleted' FROM locked AS l WHERE l.old_deleted_at IS NOT NULL AND NOT $11
), logged AS (
    INSERT INTO import_errors (tenant_id, import_id, row_no, field, code, value, sheet_row)
    SELECT $1, $2, row_no, field, code, CASE field WHEN 'uid' THEN uid ELSE '' END, sheet_row FROM faults
    ON CONFLICT DO NOTHING
)
SELECT (SELECT count(*) FROM created), (SELECT count(*) FROM changed), (SELECT count(*) FROM faults),
       (SELECT count(*) FROM staged WHERE outcome IS DISTINCT FROM 'failed'),
       -- Removed by another transaction since the check.
       ARRAY(SELECT uid FROM checked WHERE invalid_field IS NULL AND id IS NOT NULL AND differs EXCEPT SELECT uid FROM locked),
       -- This statement is planned for each chunk, because a table may grow from nothing while it is filled. The
       -- foreign key checks run after it, row by row, and reuse their plans (docs/adr/0010).
       set_config('plan_cache_mode', 'force_generic_plan', TRUE)
