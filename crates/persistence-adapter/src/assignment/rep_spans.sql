-- Parameters: $1 tenant, $2 sales rep, $3 start and $4 end of the interval (NULL: unbounded); $5 and $6 start and retailer of
-- the previous row (NULL: none), $7 row limit.
-- Result: assignment periods of the sales rep, the latest first: retailer id, uid, name, start, end, batch, end batch, end
-- reason. If the sales rep exists and has no such period: one row of NULLs.
-- Bounded by the history of one sales rep.
, target AS (
    SELECT id FROM sales_reps WHERE tenant_id = $1 AND id = $2
), spans AS (
    SELECT a.retailer_id, a.assigned_at AS started, NULL::timestamptz AS ended, a.batch_id, NULL::bigint AS end_batch_id,
           NULL::text AS end_reason
      FROM sales_rep_retailers AS a WHERE a.tenant_id = $1 AND a.sales_rep_id = $2
    UNION ALL
    SELECT h.retailer_id, lower(h.valid), upper(h.valid), h.batch_id, h.end_batch_id, h.end_reason
      FROM assignment_history AS h WHERE h.tenant_id = $1 AND h.sales_rep_id = $2
), page AS MATERIALIZED (
    SELECT * FROM spans AS p
     WHERE ($4 IS NULL OR p.started < $4) AND ($3 IS NULL OR p.ended IS NULL OR p.ended > $3)
       AND ($5 IS NULL OR (p.started, p.retailer_id) < ($5, $6))
     ORDER BY p.started DESC, p.retailer_id DESC LIMIT $7
), named AS (
    SELECT p.*, r.uid, r.name FROM page AS p JOIN retailers AS r ON r.tenant_id = $1 AND r.id = p.retailer_id
)
SELECT n.retailer_id, n.uid, n.name, n.started, n.ended, n.batch_id, n.end_batch_id, n.end_reason
  FROM target AS s LEFT JOIN named AS n ON TRUE ORDER BY n.started DESC, n.retailer_id DESC
