-- Parameters: $1 tenant, $2 batch.
-- Result: the batch id. Deletes the staged rows and the steps of the batch.
, rows AS (
    DELETE FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $2
), steps AS (
    DELETE FROM assignment_steps WHERE tenant_id = $1 AND batch_id = $2
)
SELECT $2::bigint
