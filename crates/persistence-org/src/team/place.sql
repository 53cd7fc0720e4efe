-- Parameters: $1 tenant, $2 users, $3 team (NULL: none), $4 the user who places them, $5 time.
-- Result: the number of affected teams.
-- A membership begins when the one before it has ended, even if the clocks of two servers differ.
, ended AS MATERIALIZED (
    SELECT m.user_id, m.team_id, m.joined_at, m.added_by,
           greatest($5, m.joined_at + INTERVAL '1 microsecond') AS ended_at
      FROM team_members AS m WHERE m.tenant_id = $1 AND m.user_id = ANY ($2)
), started AS MATERIALIZED (
    SELECT u.id AS user_id, greatest($5, e.ended_at, (
               SELECT max(upper(h.valid)) FROM team_history AS h WHERE h.tenant_id = $1 AND h.user_id = u.id
           )) AS joined_at
      FROM unnest($2) AS u (id) LEFT JOIN ended AS e ON e.user_id = u.id
     WHERE $3 IS NOT NULL
), history AS (
    INSERT INTO team_history (tenant_id, user_id, team_id, valid, added_by, removed_by)
    SELECT $1, user_id, team_id, tstzrange(joined_at, ended_at), added_by, $4 FROM ended ORDER BY user_id
), removed AS (
    DELETE FROM team_members AS m
     WHERE $3 IS NULL AND m.tenant_id = $1 AND m.user_id = ANY ($2)
), placed AS (
    INSERT INTO team_members (tenant_id, user_id, team_id, joined_at, added_by)
    SELECT $1, user_id, $3, joined_at, $4 FROM started ORDER BY user_id
    ON CONFLICT (tenant_id, user_id) DO UPDATE
       SET team_id = excluded.team_id, joined_at = excluded.joined_at, added_by = excluded.added_by
), affected AS (
    UPDATE teams AS t SET version = t.version + 1, updated_at = $5
     WHERE t.tenant_id = $1 AND (t.id = $3 OR t.id IN (SELECT team_id FROM ended))
    RETURNING t.id
)
SELECT count(*) FROM affected
