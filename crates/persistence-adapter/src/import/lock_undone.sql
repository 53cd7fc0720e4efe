-- Parameters: $1 tenant, $2 the import's batch; retailers after $3, $4 at most.
-- Result: the number of retailers locked.
-- A separate statement, so that the next one sees the sales reps that serve them after the lock.
, locked AS (
    SELECT id FROM retailers
     WHERE tenant_id = $1 AND id = ANY (ARRAY(
        SELECT retailer_id FROM retailer_changes WHERE tenant_id = $1 AND batch_id = $2 AND retailer_id > $3
         ORDER BY retailer_id LIMIT $4
     )) ORDER BY id FOR UPDATE
)
SELECT count(*) FROM locked
