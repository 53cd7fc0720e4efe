-- Parameters: $1 tenant; what the caller's permission covers: $2 whether all, else $3 regions, $4 areas and $5 teams.
-- "covered" has the sales reps of a caller who does not have all: the members of the teams and of the teams at home in the regions
-- and areas.
, covered AS MATERIALIZED (
    SELECT m.user_id AS id
      FROM team_members AS m
      JOIN teams AS t ON t.tenant_id = m.tenant_id AND t.id = m.team_id
      LEFT JOIN areas AS a ON a.tenant_id = t.tenant_id AND a.id = t.area_id
     WHERE NOT $2 AND m.tenant_id = $1 AND (a.region_id = ANY ($3) OR t.area_id = ANY ($4) OR t.id = ANY ($5))
)
