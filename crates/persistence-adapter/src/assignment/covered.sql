-- Parameters: $1 tenant; the targets of the caller's permission: $2 true for the whole tenant, $3 regions, $4 areas, $5 teams.
-- "covered": the ids of the members of these teams and of the teams with a home area in these regions and areas; empty if $2.
, covered AS MATERIALIZED (
    SELECT m.user_id AS id
      FROM team_members AS m
      JOIN teams AS t ON t.tenant_id = m.tenant_id AND t.id = m.team_id
      LEFT JOIN areas AS a ON a.tenant_id = t.tenant_id AND a.id = t.area_id
     WHERE NOT $2 AND m.tenant_id = $1 AND (a.region_id = ANY ($3) OR t.area_id = ANY ($4) OR t.id = ANY ($5))
)
