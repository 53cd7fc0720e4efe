-- Parameters: $1 tenant, $2 batch, $3 names of sales reps.
-- Result: the number of deleted rows: the others of each row of the file that names one of these sales reps.
, named AS MATERIALIZED (
    SELECT DISTINCT row_no FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $2 AND rep = ANY ($3)
), dropped AS (
    DELETE FROM assignment_rows
     WHERE tenant_id = $1 AND batch_id = $2 AND row_no IN (SELECT row_no FROM named) AND NOT rep = ANY ($3)
    RETURNING 1
)
SELECT count(*) FROM dropped
