-- Parameters: $1 tenant, $2 import; rows after $3 up to and including $4.
-- Result: the number of rows whose uid was replaced by the stored spelling of a retailer that was created since the check.
, settled AS (
    UPDATE import_rows AS w SET uid = s.uid FROM retailers AS s
     WHERE w.tenant_id = $1 AND w.import_id = $2 AND w.row_no > $3 AND w.row_no <= $4
       AND s.tenant_id = $1 AND lower(s.uid) = lower(w.uid) AND s.uid_twin = 0 AND s.uid <> w.uid
       AND NOT EXISTS (SELECT FROM retailers AS t
           WHERE t.tenant_id = $1 AND t.uid_twin > 0 AND lower(t.uid) = lower(w.uid) AND t.uid = w.uid)
    RETURNING 1
)
SELECT count(*) FROM settled
