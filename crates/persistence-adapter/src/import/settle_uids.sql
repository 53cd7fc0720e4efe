-- Parameters: $1 tenant, $2 import; rows after $3 up to and including $4.
-- Result: the number of rows whose uid was replaced by the stored spelling of a retailer that was created since the check.
, found AS MATERIALIZED (
    SELECT w.row_no, s.uid FROM import_rows AS w CROSS JOIN LATERAL (
        SELECT uid FROM retailers WHERE tenant_id = $1 AND lower(uid) = lower(w.uid) AND uid_twin = 0 OFFSET 0
    ) AS s
     WHERE w.tenant_id = $1 AND w.import_id = $2 AND w.row_no > $3 AND w.row_no <= $4
       AND NOT EXISTS (SELECT FROM retailers AS r WHERE r.tenant_id = $1 AND r.uid = w.uid)
), settled AS (
    UPDATE import_rows AS w SET uid = f.uid FROM found AS f
     WHERE w.tenant_id = $1 AND w.import_id = $2 AND w.row_no = f.row_no
    RETURNING 1
)
SELECT count(*) FROM settled
