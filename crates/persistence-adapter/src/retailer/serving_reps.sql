-- Parameters: $1 tenant, $2 retailers.
-- Result: each retailer, and the usernames of the sales reps who serve it, in order.
-- Looked up retailer by retailer, because PostgreSQL cannot estimate their number.
SELECT r.id, ARRAY(
    SELECT u.username FROM sales_rep_retailers AS s JOIN users AS u ON u.tenant_id = $1 AND u.id = s.sales_rep_id
     WHERE s.tenant_id = $1 AND s.retailer_id = r.id ORDER BY 1
) FROM unnest($2::bigint[]) AS r (id)
