-- Parameters: $1 tenant, $2 batch; $3, $4 and $5 row numbers, sales reps as named, uids.
-- Result: the number of staged rows.
, staged AS (
    INSERT INTO assignment_rows (tenant_id, batch_id, row_no, rep, uid)
    SELECT $1, $2, row_no, rep, uid FROM unnest($3::bigint[], $4::text[], $5::text[]) AS r (row_no, rep, uid)
    RETURNING 1
)
SELECT count(*) FROM staged
