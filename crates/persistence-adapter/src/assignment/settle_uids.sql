-- Parameters: $1 tenant, $2 batch.
-- Result: the number of staged uids that were replaced by their stored spelling: spreadsheets change case. A twin, whose
-- uid differs from an older one in case only, is named by its exact spelling.
, settled AS (
    UPDATE assignment_rows AS w SET uid = s.uid FROM retailers AS s
     WHERE w.tenant_id = $1 AND w.batch_id = $2 AND s.tenant_id = $1 AND lower(s.uid) = lower(w.uid) AND s.uid_twin = 0
       AND s.uid <> w.uid AND NOT EXISTS (SELECT FROM retailers AS t
           WHERE t.tenant_id = $1 AND t.uid_twin > 0 AND lower(t.uid) = lower(w.uid) AND t.uid = w.uid)
    RETURNING 1
)
SELECT count(*) FROM settled
