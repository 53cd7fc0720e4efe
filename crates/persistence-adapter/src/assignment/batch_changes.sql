-- Parameters: $1 tenant, $2 batch; $3 and $4 the retailer and sales rep of the previous row, $5 row limit.
-- Result: retailer id, uid, name, sales rep id, username, outcome, time (NULL in a plan), by retailer and sales rep.
-- A plan has steps; an applied batch has assignment periods.
, affected AS (
    SELECT retailer_id, sales_rep_id, outcome, NULL::timestamptz AS occurred_at FROM assignment_steps
     WHERE tenant_id = $1 AND batch_id = $2 AND (retailer_id, sales_rep_id) > ($3, $4)
    UNION ALL
    SELECT retailer_id, sales_rep_id, 'start', assigned_at FROM sales_rep_retailers
     WHERE tenant_id = $1 AND batch_id = $2 AND (retailer_id, sales_rep_id) > ($3, $4)
    UNION ALL
    SELECT retailer_id, sales_rep_id, 'start', lower(valid) FROM assignment_history
     WHERE tenant_id = $1 AND batch_id = $2 AND (retailer_id, sales_rep_id) > ($3, $4)
    UNION ALL
    SELECT retailer_id, sales_rep_id, 'end', upper(valid) FROM assignment_history
     WHERE tenant_id = $1 AND end_batch_id = $2 AND (retailer_id, sales_rep_id) > ($3, $4)
     ORDER BY retailer_id, sales_rep_id LIMIT $5
)
SELECT t.retailer_id, r.uid, r.name, t.sales_rep_id, u.username, t.outcome, t.occurred_at
  FROM affected AS t JOIN retailers AS r ON r.tenant_id = $1 AND r.id = t.retailer_id
  JOIN users AS u ON u.tenant_id = $1 AND u.id = t.sales_rep_id
 ORDER BY t.retailer_id, t.sales_rep_id
