-- Parameters: those of covered.sql, $6 sales rep.
-- Result: the uids of the sales rep's retailers in the caller's scope, by territory, name and uid.
SELECT r.uid FROM sales_rep_retailers AS a JOIN retailers_in_scope AS r ON r.id = a.retailer_id
 WHERE a.tenant_id = $1 AND a.sales_rep_id = $6 AND r.deleted_at IS NULL
 ORDER BY r.territory_id, r.name, r.uid
