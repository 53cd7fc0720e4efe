-- Parameters: $1 tenant, $2 row limit.
-- Result: words whose sounds are not known and which no other transaction is changing.
SELECT word FROM retailer_vocabulary WHERE tenant_id = $1 AND sound IS NULL ORDER BY word LIMIT $2 FOR UPDATE SKIP LOCKED
