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
        -- Only in scope: the spelling would show that another retailer exists.
        SELECT r.uid FROM retailers_in_scope AS r WHERE lower(r.uid) = lower(u.uid) AND r.uid_twin = 0 OFFSET 0
    ) AS s
), settled AS (
    UPDATE assignment_rows AS w SET uid = f.uid FROM found AS f
     WHERE w.tenant_id = $1 AND w.batch_id = $6 AND w.uid = f.given
    RETURNING 1
)
SELECT count(*) FROM settled
