-- $1 tenant, $2 the import's batch, $3 the most uids.
SELECT s.uid FROM retailer_changes AS c JOIN retailers AS s ON s.tenant_id = $1 AND s.id = c.retailer_id
 WHERE c.tenant_id = $1 AND c.batch_id = $2 AND c.undo = 'changed' ORDER BY c.retailer_id LIMIT $3
