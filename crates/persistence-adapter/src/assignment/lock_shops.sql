-- $1 tenant, $2 batch, $3 how: `alone`, so that nobody else may change who serves the shops of its rows; `beside`, so that
-- they are not changed at all meanwhile; `lightly`, so that they are neither renamed nor deleted. In order of id, as
-- everybody locks shops, and before any representative is locked.
, wanted AS MATERIALIZED (
    SELECT id FROM retailers WHERE tenant_id = $1 AND uid IN (
        SELECT uid FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $2
    )
), alone AS MATERIALIZED (
    SELECT id FROM retailers WHERE $3 = 'alone' AND tenant_id = $1 AND id IN (SELECT id FROM wanted)
     ORDER BY id FOR UPDATE
), beside AS MATERIALIZED (
    SELECT id FROM retailers WHERE $3 = 'beside' AND tenant_id = $1 AND id IN (SELECT id FROM wanted)
     ORDER BY id FOR SHARE
), lightly AS MATERIALIZED (
    SELECT id FROM retailers WHERE $3 = 'lightly' AND tenant_id = $1 AND id IN (SELECT id FROM wanted)
     ORDER BY id FOR KEY SHARE
)
SELECT (SELECT count(*) FROM alone) + (SELECT count(*) FROM beside) + (SELECT count(*) FROM lightly)
