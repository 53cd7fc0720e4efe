-- Parameters: $1 tenant, $2 batch, $3 the lock on the retailers of the batch's rows: `alone` (FOR UPDATE) keeps others from
-- changing which sales reps serve them, `beside` (FOR SHARE) keeps them from changing at all, `lightly` (FOR KEY SHARE) keeps
-- them from being renamed or deleted.
-- Result: the number of retailers locked.
-- Locks in order of id, as every other statement does, and before any sales rep is locked.
, wanted AS MATERIALIZED (
    SELECT id FROM retailers WHERE tenant_id = $1 AND uid IN (
        SELECT uid FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $2 AND NOT out_of_scope
    )
), exclusive AS MATERIALIZED (
    SELECT id FROM retailers WHERE $3 = 'exclusive' AND tenant_id = $1 AND id IN (SELECT id FROM wanted)
     ORDER BY id FOR UPDATE
), shared AS MATERIALIZED (
    SELECT id FROM retailers WHERE $3 = 'shared' AND tenant_id = $1 AND id IN (SELECT id FROM wanted)
     ORDER BY id FOR SHARE
), key_share AS MATERIALIZED (
    SELECT id FROM retailers WHERE $3 = 'key-share' AND tenant_id = $1 AND id IN (SELECT id FROM wanted)
     ORDER BY id FOR KEY SHARE
)
SELECT (SELECT count(*) FROM exclusive) + (SELECT count(*) FROM shared) + (SELECT count(*) FROM key_share)
