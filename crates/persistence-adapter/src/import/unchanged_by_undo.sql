-- Parameters: $1 tenant, $2 the import's batch, $3 the limit.
-- Result: the uids of the retailers that the undo left as they were.
SELECT s.uid FROM retailer_changes AS c JOIN retailers AS s ON s.tenant_id = $1 AND s.id = c.retailer_id
 WHERE c.tenant_id = $1 AND c.batch_id = $2 AND c.undo_state = 'changed' ORDER BY c.retailer_id LIMIT $3
