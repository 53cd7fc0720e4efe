-- $1 tenant, $2 actor, $3 role, $4 now, $5 request id, $6 reason, $7 force; $8 and $9 pairs of representative and uid;
-- $10 and $11 each representative and how many shops they can serve. The representatives are locked, so what they
-- serve does not change under us.
, pairs AS MATERIALIZED (
    SELECT DISTINCT rep, uid FROM unnest($8::bigint[], $9::text[]) AS p (rep, uid)
), shops AS MATERIALIZED (
    -- Locked, so that a renaming waits for the copy of the name below, and this for it.
    SELECT id, uid, name FROM retailers
     WHERE tenant_id = $1 AND uid = ANY ($9) AND deleted_at IS NULL ORDER BY id FOR SHARE
), known AS MATERIALIZED (
    SELECT p.rep, s.id, s.uid, s.name, a.retailer_id IS NOT NULL AS already
      FROM pairs AS p JOIN shops AS s ON s.uid = p.uid
      LEFT JOIN sales_rep_retailers AS a ON a.tenant_id = $1 AND a.sales_rep_id = p.rep AND a.retailer_id = s.id
), loads AS MATERIALIZED (
    SELECT l.rep, l.capacity, coalesce(fresh.count, 0) AS fresh, coalesce(fresh.count, 0) + coalesce(served.count, 0) AS count,
           coalesce(fresh.count, 0) > 0 AND fresh.count + coalesce(served.count, 0) > l.capacity AS is_over
      FROM unnest($10::bigint[], $11::bigint[]) AS l (rep, capacity)
      LEFT JOIN (SELECT rep, count(*) FROM known WHERE NOT already GROUP BY rep) AS fresh ON fresh.rep = l.rep
      LEFT JOIN (SELECT sales_rep_id AS rep, count(*) FROM sales_rep_retailers
                  WHERE tenant_id = $1 AND sales_rep_id = ANY ($10) GROUP BY 1) AS served ON served.rep = l.rep
), accepted AS MATERIALIZED (
    SELECT k.* FROM known AS k JOIN loads AS l ON l.rep = k.rep WHERE NOT k.already AND ($7 OR NOT l.is_over)
), batch AS (
    INSERT INTO batches (tenant_id, kind, actor_id, state, reason, counts, created_at)
    SELECT $1, 'assign', $2, 'applied', $6, jsonb_build_object('assigned', count(*)), $4
      FROM accepted HAVING count(*) > 0
    RETURNING id, counts
), assigned AS (
    INSERT INTO sales_rep_retailers (tenant_id, sales_rep_id, retailer_id, assigned_at, assigned_by, batch_id, name, uid)
    -- Not before the pair's last time ended, should the clock of whoever ended it have been ahead.
    SELECT $1, a.rep, a.id, greatest($4, ended.at), $2, b.id, a.name, a.uid
      FROM accepted AS a CROSS JOIN batch AS b
      CROSS JOIN LATERAL (SELECT max(upper(h.valid)) AS at FROM assignment_history AS h
                           WHERE h.tenant_id = $1 AND h.sales_rep_id = a.rep AND h.retailer_id = a.id) AS ended
    RETURNING sales_rep_id
), told AS (
    INSERT INTO changes (tenant_id, entity, kind, sales_rep_id, batch_id)
    SELECT DISTINCT $1, 'retailer', 'assigned', a.sales_rep_id, b.id FROM assigned AS a CROSS JOIN batch AS b
), audited AS (
    INSERT INTO audit_logs (tenant_id, at, actor_id, actor_role, action, entity, entity_id, after, request_id, batch_id)
    SELECT $1, $4, $2, $3, 'assignment.assign', 'batch', id::text,
           counts || jsonb_build_object('reason', $6::text, 'forced', $7::boolean,
               'salesReps', (SELECT jsonb_object_agg(rep, n) FROM (SELECT rep, count(*) AS n FROM accepted GROUP BY rep) AS x)),
           $5, id
      FROM batch
)
SELECT (SELECT id FROM batch), (SELECT count(*) FROM assigned), (SELECT count(*) FROM known WHERE already),
       ARRAY(SELECT DISTINCT uid FROM pairs AS p WHERE NOT EXISTS (SELECT FROM shops AS s WHERE s.uid = p.uid) ORDER BY uid),
       ARRAY(SELECT rep FROM loads WHERE is_over ORDER BY rep), ARRAY(SELECT count FROM loads WHERE is_over ORDER BY rep),
       ARRAY(SELECT capacity FROM loads WHERE is_over ORDER BY rep),
       ARRAY(SELECT CASE WHEN $7 THEN 0 ELSE fresh END FROM loads WHERE is_over ORDER BY rep)
