-- Parameters: $1 tenant, $2 batch.
-- Result: the number of staged rows.
SELECT count(*) FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $2
