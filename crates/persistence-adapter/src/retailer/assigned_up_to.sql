-- Parameters: $1 tenant, $2 sales reps, $3 the number at which counting stops.
-- Result: the number of assignments of the sales reps.
SELECT count(*) FROM (
    SELECT FROM sales_rep_retailers WHERE tenant_id = $1 AND sales_rep_id = ANY ($2) LIMIT $3
) AS counted
