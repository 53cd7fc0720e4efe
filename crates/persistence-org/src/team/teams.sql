-- Parameters: $1 tenant; which teams the caller sees: $2 whether all, $3 regions and $4 areas of home areas, $5 teams, $6 a user
-- whose own team it is (NULL: none); the filter: $7 team (NULL: any), $8 and $9 texts (the name key must contain one of them;
-- every key contains the empty text), $10 region, $11 home area, $12 leader (NULL: any), $13 states, $14 whether the team has no
-- active leader (NULL: either); $15 and $16 name and id of the previous row, $17 row limit.
-- Result: teams by name and id: id, name, id and name of the home area, its region, state, version, created at, updated at, number
-- of members; ids, usernames and names of the active leaders.
, page AS MATERIALIZED (
    SELECT t.*, a.name AS area_name, a.region_id
      FROM teams AS t
      LEFT JOIN areas AS a ON a.tenant_id = t.tenant_id AND a.id = t.area_id
     WHERE t.tenant_id = $1 AND (t.name, t.id) > ($15, $16)
       AND ($2 OR a.region_id = ANY ($3) OR t.area_id = ANY ($4) OR t.id = ANY ($5)
            OR t.id = (SELECT m.team_id FROM team_members AS m WHERE m.tenant_id = $1 AND m.user_id = $6))
       AND ($7 IS NULL OR t.id = $7)
       AND (strpos(t.name_key, $8) > 0 OR strpos(t.name_key, $9) > 0)
       AND ($10 IS NULL OR a.region_id = $10) AND ($11 IS NULL OR t.area_id = $11)
       AND ($12 IS NULL OR EXISTS (
            SELECT FROM user_roles AS r WHERE r.tenant_id = $1 AND r.team_id = t.id AND r.user_id = $12))
       AND t.state = ANY ($13)
       AND ($14 IS NULL OR $14 <> EXISTS (
            SELECT FROM user_roles AS r JOIN users AS u ON u.tenant_id = r.tenant_id AND u.id = r.user_id
             WHERE r.tenant_id = $1 AND r.team_id = t.id AND u.state = 'active'))
     ORDER BY t.name, t.id LIMIT $17
)
SELECT t.id, t.name, t.area_id, t.area_name, t.region_id, t.state, t.version, t.created_at, t.updated_at,
       (SELECT count(*) FROM team_members AS m WHERE m.tenant_id = $1 AND m.team_id = t.id),
       l.ids, l.usernames, l.names
  FROM page AS t, LATERAL (
       SELECT coalesce(array_agg(u.id ORDER BY u.name, u.id), '{}') AS ids,
              coalesce(array_agg(u.username::text ORDER BY u.name, u.id), '{}') AS usernames,
              coalesce(array_agg(u.name::text ORDER BY u.name, u.id), '{}') AS names
         FROM user_roles AS r JOIN users AS u ON u.tenant_id = r.tenant_id AND u.id = r.user_id
        WHERE r.tenant_id = $1 AND r.team_id = t.id AND u.state = 'active'
  ) AS l
 ORDER BY t.name, t.id
