-- Parameters: $1 tenant, $2 the user who gives the grants (NULL: the operator), $3 time; of as many grants: $4 users, $5 roles,
-- $6 ids of their targets (NULL: none).
-- A grant that a user has is kept.
, added AS (
    INSERT INTO user_roles (tenant_id, user_id, role, region_id, area_id, team_id, distributor_id, retailer_id,
                            granted_by, granted_at)
    SELECT $1, g.user_id, g.role,
           CASE g.role WHEN 'regional_manager' THEN g.target END, CASE g.role WHEN 'area_manager' THEN g.target END,
           CASE g.role WHEN 'team_leader' THEN g.target END, CASE g.role WHEN 'distributor_user' THEN g.target END,
           CASE g.role WHEN 'retailer_user' THEN g.target END, $2, $3
      FROM unnest($4::bigint[], $5::text[], $6::bigint[]) AS g (user_id, role, target)
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT count(*) FROM added
