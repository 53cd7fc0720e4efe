-- Parameters: $1 tenant; which users the caller sees: $2 whether all, those in teams $5 and in teams with a home area in regions $3
-- or areas $4, those who work for distributors $6, and $7 a user (NULL: none); a filter by $8 team, $9 region and $10 area of the
-- home of the team (NULL: any).
-- "visible" has the users whom a caller sees who does not see all, "in_team" those who match the filter, if there is one.
, visible AS MATERIALIZED (
    SELECT m.user_id AS id
      FROM team_members AS m
      JOIN teams AS t ON t.tenant_id = m.tenant_id AND t.id = m.team_id
      LEFT JOIN areas AS a ON a.tenant_id = t.tenant_id AND a.id = t.area_id
     WHERE NOT $2 AND m.tenant_id = $1 AND (a.region_id = ANY ($3) OR t.area_id = ANY ($4) OR t.id = ANY ($5))
    UNION ALL
    SELECT r.user_id FROM user_roles AS r WHERE NOT $2 AND r.tenant_id = $1 AND r.distributor_id = ANY ($6)
    UNION ALL
    SELECT $7 WHERE NOT $2
), in_team AS MATERIALIZED (
    SELECT m.user_id AS id
      FROM team_members AS m
      JOIN teams AS t ON t.tenant_id = m.tenant_id AND t.id = m.team_id
      LEFT JOIN areas AS a ON a.tenant_id = t.tenant_id AND a.id = t.area_id
     WHERE m.tenant_id = $1 AND num_nonnulls($8, $9, $10) > 0
       AND ($8 IS NULL OR t.id = $8) AND ($9 IS NULL OR a.region_id = $9) AND ($10 IS NULL OR t.area_id = $10)
)
