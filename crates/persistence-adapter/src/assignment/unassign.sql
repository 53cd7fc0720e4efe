-- $1 tenant, $2 actor, $3 role, $4 now, $5 request id, $6 reason; $7 and $8 pairs of representative and uid. The
-- representatives are locked, so what they serve does not change under us.
, pairs AS MATERIALIZED (
    SELECT DISTINCT rep, uid FROM unnest($7::bigint[], $8::text[]) AS p (rep, uid)
), shops AS MATERIALIZED (
    -- Locked, in order of id as everybody does: with no more than what the history's foreign key takes below, whoever
    -- changes a shop would leave a version behind that is both replaced and in use, over which two others can deadlock.
    SELECT id, uid FROM retailers
     WHERE tenant_id = $1 AND uid = ANY ($8) AND deleted_at IS NULL ORDER BY id FOR SHARE
), known AS MATERIALIZED (
    SELECT p.rep, s.id, s.uid, a.retailer_id IS NOT NULL AS serves
      FROM pairs AS p JOIN shops AS s ON s.uid = p.uid
      LEFT JOIN sales_rep_retailers AS a ON a.tenant_id = $1 AND a.sales_rep_id = p.rep AND a.retailer_id = s.id
), batch AS (
    INSERT INTO batches (tenant_id, kind, actor_id, state, reason, counts, created_at)
    SELECT $1, 'unassign', $2, 'applied', $6, jsonb_build_object('unassigned', count(*)), $4
      FROM known WHERE serves HAVING count(*) > 0
    RETURNING id, counts
), ended AS (
    DELETE FROM sales_rep_retailers AS a USING known AS k
     WHERE a.tenant_id = $1 AND a.sales_rep_id = k.rep AND a.retailer_id = k.id AND k.serves
    RETURNING a.sales_rep_id, a.retailer_id, a.assigned_at, a.assigned_by, a.batch_id
), history AS (
    INSERT INTO assignment_history
        (tenant_id, sales_rep_id, retailer_id, valid, assigned_by, batch_id, ended_by, end_batch_id, end_reason)
    -- At least a microsecond, should the clock of whoever assigned it have been ahead: no span is empty.
    SELECT $1, e.sales_rep_id, e.retailer_id,
           tstzrange(e.assigned_at, greatest($4, e.assigned_at + interval '1 microsecond')),
           e.assigned_by, e.batch_id, $2, b.id, 'unassigned'
      FROM ended AS e CROSS JOIN batch AS b
), told AS (
    INSERT INTO changes (tenant_id, entity, kind, sales_rep_id, batch_id)
    SELECT DISTINCT $1, 'retailer', 'unassigned', e.sales_rep_id, b.id FROM ended AS e CROSS JOIN batch AS b
), audited AS (
    INSERT INTO audit_logs (tenant_id, at, actor_id, actor_role, action, entity, entity_id, after, request_id, batch_id)
    SELECT $1, $4, $2, $3, 'assignment.unassign', 'batch', id::text,
           counts || jsonb_build_object('reason', $6::text,
               'salesReps', (SELECT jsonb_object_agg(rep, n)
                               FROM (SELECT rep, count(*) AS n FROM known WHERE serves GROUP BY rep) AS x)),
           $5, id
      FROM batch
)
SELECT (SELECT id FROM batch), (SELECT count(*) FROM ended),
       ARRAY(SELECT DISTINCT uid FROM known WHERE NOT serves ORDER BY uid),
       ARRAY(SELECT DISTINCT uid FROM pairs AS p WHERE NOT EXISTS (SELECT FROM shops AS s WHERE s.uid = p.uid) ORDER BY uid)
