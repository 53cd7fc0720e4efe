-- Parameters: $1 tenant, $2 sales rep.
-- Result: the uids of the sales rep's retailers, by territory, name and uid.
SELECT r.uid FROM sales_rep_retailers AS a JOIN retailers AS r ON r.tenant_id = $1 AND r.id = a.retailer_id
 WHERE a.tenant_id = $1 AND a.sales_rep_id = $2 AND r.deleted_at IS NULL
 ORDER BY r.territory_id, r.name, r.uid
