-- $1 tenant, $2 the import's batch; shops after $3, at most $4. By itself, so that what follows sees who serves them now.
, locked AS (
    SELECT id FROM retailers
     WHERE tenant_id = $1 AND id = ANY (ARRAY(
        SELECT retailer_id FROM retailer_changes WHERE tenant_id = $1 AND batch_id = $2 AND retailer_id > $3
         ORDER BY retailer_id LIMIT $4
     )) ORDER BY id FOR UPDATE
)
SELECT count(*) FROM locked
