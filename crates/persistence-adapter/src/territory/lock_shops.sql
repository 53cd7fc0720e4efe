-- $1 tenant, $2 kind, $3 id: locks the shops in a place, deleted ones too, in order of id as everybody does.
-- A statement of its own: the next one sees who was given one of them until now, and nobody is from now on.
, shops AS MATERIALIZED (
    SELECT id FROM retailers WHERE $2 = 'area' AND tenant_id = $1 AND area_id = $3
    UNION ALL SELECT id FROM retailers WHERE $2 = 'territory' AND tenant_id = $1 AND territory_id = $3
), locked AS MATERIALIZED (
    SELECT r.id FROM retailers AS r
     WHERE r.tenant_id = $1 AND r.id IN (SELECT id FROM shops) ORDER BY r.id FOR UPDATE
)
SELECT count(*) FROM locked
