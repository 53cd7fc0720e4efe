-- Parameters: those of covered.sql, $6 sales rep, $7 start and $8 end of the interval (NULL: unbounded); $9 and $10 start and retailer of
-- the previous row (NULL: none), $11 row limit.
-- Result: assignment periods of the sales rep with retailers of the caller's scope, the latest first: retailer id, uid, name, start, end, batch, end batch, end
-- reason. If the sales rep exists in that scope and has no such period: one row of NULLs.
-- Bounded by the history of one sales rep.
, target AS (
    SELECT id FROM sales_reps WHERE tenant_id = $1 AND id = $6 AND ($2 OR id IN (SELECT id FROM covered))
), spans AS (
    SELECT a.retailer_id, a.assigned_at AS started, NULL::timestamptz AS ended, a.batch_id, NULL::bigint AS end_batch_id,
           NULL::text AS end_reason
      FROM sales_rep_retailers AS a WHERE a.tenant_id = $1 AND a.sales_rep_id = $6
    UNION ALL
    SELECT h.retailer_id, lower(h.valid), upper(h.valid), h.batch_id, h.end_batch_id, h.end_reason
      FROM assignment_history AS h WHERE h.tenant_id = $1 AND h.sales_rep_id = $6
), page AS MATERIALIZED (
    SELECT * FROM spans AS p
     WHERE ($8 IS NULL OR p.started < $8) AND ($7 IS NULL OR p.ended IS NULL OR p.ended > $7)
       AND ($9 IS NULL OR (p.started, p.retailer_id) < ($9, $10))
       AND ($2 OR EXISTS (SELECT FROM retailers_in_scope AS r WHERE r.id = p.retailer_id AND r.deleted_at IS NULL))
     ORDER BY p.started DESC, p.retailer_id DESC LIMIT $11
), named AS (
    SELECT p.*, r.uid, r.name FROM page AS p JOIN retailers AS r ON r.tenant_id = $1 AND r.id = p.retailer_id
)
SELECT n.retailer_id, n.uid, n.name, n.started, n.ended, n.batch_id, n.end_batch_id, n.end_reason
  FROM target AS s LEFT JOIN named AS n ON TRUE ORDER BY n.started DESC, n.retailer_id DESC
