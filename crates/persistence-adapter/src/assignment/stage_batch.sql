-- Parameters: $1 tenant, $2 the undoing batch, $3 the batch to undo.
-- Result: the number of staged rows: the pairs of sales rep and retailer that batch $3 started or ended.
, affected AS (
    SELECT sales_rep_id, retailer_id FROM sales_rep_retailers WHERE tenant_id = $1 AND batch_id = $3
    UNION
    SELECT sales_rep_id, retailer_id FROM assignment_history WHERE tenant_id = $1 AND batch_id = $3
    UNION
    SELECT sales_rep_id, retailer_id FROM assignment_history WHERE tenant_id = $1 AND end_batch_id = $3
), staged AS (
    INSERT INTO assignment_rows (tenant_id, batch_id, row_no, rep, uid)
    SELECT $1, $2, row_number() OVER (), t.sales_rep_id::text, r.uid
      FROM affected AS t JOIN retailers AS r ON r.tenant_id = $1 AND r.id = t.retailer_id
    RETURNING 1
)
SELECT count(*) FROM staged
