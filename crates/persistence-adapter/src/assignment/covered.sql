-- Parameters: $1 tenant; the targets of the caller's permission: $2 true for the whole tenant, $3 regions, $4 areas, $5 teams.
-- "covered": the ids of the members of these teams and of the teams with a home area in these regions and areas; empty if $2.
-- "retailers_in_scope": the retailers in these regions and areas, and those that members of these teams serve; all if $2. Not
-- materialized, so that each statement reads it by its own index; a statement names it once.
, covered AS MATERIALIZED (
    SELECT m.user_id AS id
      FROM team_members AS m
      JOIN teams AS t ON t.tenant_id = m.tenant_id AND t.id = m.team_id
      LEFT JOIN areas AS a ON a.tenant_id = t.tenant_id AND a.id = t.area_id
     WHERE NOT $2 AND m.tenant_id = $1 AND (a.region_id = ANY ($3) OR t.area_id = ANY ($4) OR t.id = ANY ($5))
), retailers_in_scope AS NOT MATERIALIZED (
    SELECT r.* FROM retailers AS r
     WHERE r.tenant_id = $1 AND ($2 OR r.region_id = ANY ($3) OR r.area_id = ANY ($4) OR EXISTS (
        SELECT FROM sales_rep_retailers AS s
          JOIN team_members AS m ON m.tenant_id = s.tenant_id AND m.user_id = s.sales_rep_id
         WHERE s.tenant_id = $1 AND s.retailer_id = r.id AND m.team_id = ANY ($5)))
)
