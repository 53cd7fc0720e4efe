-- Parameters: $1 tenant, $2 uid, $3 regions, $4 areas, $5 teams, $6 a sales rep (NULL: none).
-- Result: one row if the retailer is in one of the regions or areas, or is served by the sales rep or by a member of one of the
-- teams. Locks the retailer, its assignments and the memberships until the commit.
, locked AS MATERIALIZED (
    SELECT id, region_id, area_id FROM retailers
     WHERE tenant_id = $1 AND uid = $2 AND deleted_at IS NULL FOR NO KEY UPDATE
), serving AS MATERIALIZED (
    SELECT s.sales_rep_id FROM sales_rep_retailers AS s
     WHERE s.tenant_id = $1 AND s.retailer_id = (SELECT id FROM locked)
     ORDER BY s.sales_rep_id FOR KEY SHARE
), members AS MATERIALIZED (
    SELECT m.user_id FROM team_members AS m
     WHERE m.tenant_id = $1 AND m.user_id IN (SELECT sales_rep_id FROM serving) AND m.team_id = ANY ($5)
     ORDER BY m.user_id FOR SHARE
)
SELECT id FROM locked
 WHERE region_id = ANY ($3) OR area_id = ANY ($4) OR EXISTS (SELECT FROM members)
    OR EXISTS (SELECT FROM serving WHERE sales_rep_id = $6)
