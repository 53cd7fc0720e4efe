-- Parameters: $1 tenant, ids of $2 regions, $3 areas, $4 teams and $5 distributors, $6 uids of retailers.
-- Result: those that exist: kind, id, uid of a retailer.
-- Locked, so that none is deleted, and no team is closed, before the commit.
, found_regions AS MATERIALIZED (
    SELECT id FROM regions WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY id FOR KEY SHARE
), found_areas AS MATERIALIZED (
    SELECT id FROM areas WHERE tenant_id = $1 AND id = ANY ($3) ORDER BY id FOR KEY SHARE
), found_distributors AS MATERIALIZED (
    SELECT id FROM distributors WHERE tenant_id = $1 AND id = ANY ($5) ORDER BY id FOR KEY SHARE
), found_retailers AS MATERIALIZED (
    SELECT id, uid FROM retailers
     WHERE tenant_id = $1 AND uid = ANY ($6) AND deleted_at IS NULL ORDER BY id FOR KEY SHARE
), found_teams AS MATERIALIZED (
    SELECT id FROM teams WHERE tenant_id = $1 AND id = ANY ($4) AND state = 'active' ORDER BY id FOR SHARE
)
SELECT 'region', id, NULL::text FROM found_regions
UNION ALL SELECT 'area', id, NULL FROM found_areas
UNION ALL SELECT 'team', id, NULL FROM found_teams
UNION ALL SELECT 'distributor', id, NULL FROM found_distributors
UNION ALL SELECT 'retailer', id, uid FROM found_retailers
