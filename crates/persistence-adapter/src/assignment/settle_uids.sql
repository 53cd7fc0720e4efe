-- Parameters: those of covered.sql, $6 batch.
-- Result: the number of staged uids that were replaced by their stored spelling: spreadsheets change case. Of uids that differ in
-- case only, the oldest is meant, unless another one has exactly the given spelling.
, unknown AS MATERIALIZED (
    SELECT DISTINCT w.uid FROM assignment_rows AS w WHERE w.tenant_id = $1 AND w.batch_id = $6 AND NOT EXISTS (
        SELECT FROM retailers AS r WHERE r.tenant_id = $1 AND r.uid = w.uid
    )
), found AS MATERIALIZED (
    -- One by one, because PostgreSQL cannot estimate how many they are.
    SELECT u.uid AS given, s.uid FROM unknown AS u CROSS JOIN LATERAL (
        SELECT r.uid FROM retailers AS r
         WHERE r.tenant_id = $1 AND lower(r.uid) = lower(u.uid) AND r.uid_twin = 0
           -- The spelling would show that a retailer out of scope exists.
           AND ($2 OR r.region_id = ANY ($3) OR r.area_id = ANY ($4) OR EXISTS (
                SELECT FROM sales_rep_retailers AS a
                  JOIN team_members AS m ON m.tenant_id = a.tenant_id AND m.user_id = a.sales_rep_id
                 WHERE a.tenant_id = $1 AND a.retailer_id = r.id AND m.team_id = ANY ($5)))
        OFFSET 0
    ) AS s
), settled AS (
    UPDATE assignment_rows AS w SET uid = f.uid FROM found AS f
     WHERE w.tenant_id = $1 AND w.batch_id = $6 AND w.uid = f.given
    RETURNING 1
)
SELECT count(*) FROM settled
