-- $1 tenant, $2 batch; $3 and $4 after this shop and representative, $5 how many. A plan has steps, an applied batch spans.
, touched AS (
    SELECT retailer_id, sales_rep_id, step, NULL::timestamptz AS at FROM assignment_steps
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
SELECT t.retailer_id, r.uid, r.name, t.sales_rep_id, u.username, t.step, t.at
  FROM touched AS t JOIN retailers AS r ON r.tenant_id = $1 AND r.id = t.retailer_id
  JOIN users AS u ON u.tenant_id = $1 AND u.id = t.sales_rep_id
 ORDER BY t.retailer_id, t.sales_rep_id
