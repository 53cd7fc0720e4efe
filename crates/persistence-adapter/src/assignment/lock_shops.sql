-- $1 tenant, $2 batch, $3 whether nobody else may change who serves the shops of its rows. Otherwise it is enough that
-- they are neither renamed nor deleted. In order of id, as everybody locks shops, and before any representative is locked.
, wanted AS MATERIALIZED (
    SELECT id FROM retailers WHERE tenant_id = $1 AND uid IN (
        SELECT uid FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $2
    )
), alone AS MATERIALIZED (
    SELECT id FROM retailers WHERE $3 AND tenant_id = $1 AND id IN (SELECT id FROM wanted) ORDER BY id FOR UPDATE
), beside AS MATERIALIZED (
    SELECT id FROM retailers WHERE NOT $3 AND tenant_id = $1 AND id IN (SELECT id FROM wanted) ORDER BY id FOR KEY SHARE
)
SELECT (SELECT count(*) FROM alone) + (SELECT count(*) FROM beside)
