-- Parameters: $1 tenant, $2 kind, $3 id.
-- Result: the number of retailers locked: all retailers in the place, deleted ones too, in order of id as everywhere.
-- A separate statement, so that the next one sees all assignments made until now; no new ones can be made afterwards.
, targets AS MATERIALIZED (
    SELECT id FROM retailers WHERE $2 = 'area' AND tenant_id = $1 AND area_id = $3
    UNION ALL SELECT id FROM retailers WHERE $2 = 'territory' AND tenant_id = $1 AND territory_id = $3
), locked AS MATERIALIZED (
    SELECT r.id FROM retailers AS r
     WHERE r.tenant_id = $1 AND r.id IN (SELECT id FROM targets) ORDER BY r.id FOR UPDATE
)
SELECT count(*) FROM locked
