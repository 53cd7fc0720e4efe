-- Parameters: $1 tenant, $2 plan.
-- Result: the number of staged rows: the plan's pairs of sales rep and retailer, to be locked.
, staged AS (
    INSERT INTO assignment_rows (tenant_id, batch_id, row_no, rep, uid)
    SELECT $1, $2, row_number() OVER (), s.sales_rep_id::text, r.uid
      FROM assignment_steps AS s JOIN retailers AS r ON r.tenant_id = $1 AND r.id = s.retailer_id
     WHERE s.tenant_id = $1 AND s.batch_id = $2
    RETURNING 1
)
SELECT count(*) FROM staged
