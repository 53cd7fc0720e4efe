-- Parameters: $1 tenant.
-- Result: the id for a new batch.
SELECT next_batch_id() FROM tenants WHERE id = $1
