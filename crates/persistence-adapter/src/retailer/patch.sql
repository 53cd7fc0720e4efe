-- Parameters: those of caller.sql, $6 the sales rep that must serve the retailer (NULL: any), $7 uid, $8 accepted versions
-- (NULL: any), $9 points, $10 routes (NULL: unchanged), $11 whether notes are given, $12 notes, $13 now, $14 request id,
-- $15 rejected versions.
-- Result: one row: whether the caller's grants are still current (NULL: the caller may no longer act), whether the version
-- matches, the retailer after the change (NULLs: not found).
, locked AS MATERIALIZED (
    -- The retailer is locked first, then its assignment: the same order as in assignment changes.
    SELECT r.* FROM retailers AS r
     WHERE r.tenant_id = $1 AND r.uid = $7 AND r.deleted_at IS NULL AND EXISTS (SELECT FROM caller WHERE current)
       AND ($6::bigint IS NULL OR EXISTS (
           SELECT FROM sales_rep_retailers AS s
            WHERE s.tenant_id = $1 AND s.sales_rep_id = $6 AND s.retailer_id = r.id
       ))
       FOR NO KEY UPDATE
), assignment AS MATERIALIZED (
    -- Locked too: a concurrent unassignment waits for this change, or this change finds the assignment gone.
    SELECT s.assigned_at FROM sales_rep_retailers AS s
     WHERE s.tenant_id = $1 AND s.sales_rep_id = $6 AND s.retailer_id = (SELECT id FROM locked)
       FOR KEY SHARE
), target AS MATERIALIZED (
    SELECT l.*, (SELECT assigned_at FROM assignment) AS assigned_at,
           ($8::bigint[] IS NULL OR l.version = ANY ($8)) AND l.version <> ALL ($15) AS version_matches,
           coalesce($9, l.points) AS new_points, coalesce($10, l.routes) AS new_routes,
           CASE WHEN $11 THEN $12 ELSE l.notes END AS new_notes
      FROM locked AS l WHERE $6 IS NULL OR EXISTS (SELECT FROM assignment)
), changed AS (
    UPDATE retailers AS r
       SET points = f.new_points, routes = f.new_routes, notes = f.new_notes, version = f.version + 1,
           -- Server clocks differ. updated_at must never decrease, because lists are sorted by it.
           updated_at = greatest($13, f.updated_at)
      FROM target AS f
     WHERE r.tenant_id = $1 AND r.id = f.id AND f.version_matches
       AND (f.points, f.routes, f.notes) IS DISTINCT FROM (f.new_points, f.new_routes, f.new_notes)
    RETURNING r.id, r.points, r.routes, r.notes, r.updated_at, r.version
), audited AS (
    INSERT INTO audit_logs (tenant_id, occurred_at, actor_id, actor_role, action, entity, entity_id, before, after, request_id)
    SELECT $1, $13, $2, (SELECT role FROM caller), 'retailer.update', 'retailer', $7,
           jsonb_build_object('points', f.points, 'routes', f.routes, 'notes', f.notes, 'version', f.version),
           jsonb_build_object('points', c.points, 'routes', c.routes, 'notes', c.notes, 'version', c.version), $14
      FROM changed AS c JOIN target AS f ON f.id = c.id
), feed AS (
    INSERT INTO changes (tenant_id, entity, entity_id, kind) SELECT $1, 'retailer', id, 'updated' FROM changed
)
SELECT (SELECT current FROM caller), coalesce(f.version_matches, FALSE),
       f.id, f.uid, f.name, f.phone, f.region_id, f.area_id, f.territory_id, f.distributor_id,
       coalesce(c.points, f.points), coalesce(c.routes, f.routes), CASE WHEN c.id IS NULL THEN f.notes ELSE c.notes END,
       coalesce(c.updated_at, f.updated_at), coalesce(c.version, f.version), f.assigned_at
  FROM (SELECT) AS one_row LEFT JOIN target AS f ON TRUE LEFT JOIN changed AS c ON c.id = f.id
