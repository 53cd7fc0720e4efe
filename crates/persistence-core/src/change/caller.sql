-- Prefix of statements that check the caller first. The CTE "caller" has one row if the caller is still allowed to act, and none
-- otherwise. Its column "current" is false if the grants of the caller have changed, so that the permissions have to be checked
-- again.
-- Parameters: $1 tenant, $2 user, $3 access version, $4 token version, $5 session (NULL: none).
, caller AS MATERIALIZED (
    -- Locked, so that the user cannot be disabled, and the grants cannot change, between this check and the commit.
    SELECT u.id, u.access_version = $3 AS current, u.role
      FROM users AS u JOIN tenants AS t ON t.id = u.tenant_id AND t.state = 'active'
     WHERE u.tenant_id = $1 AND u.id = $2 AND u.token_version = $4 AND u.state = 'active'
       AND NOT u.must_change_password
       AND (u.mfa_enabled OR NOT (u.role = 'super_admin' OR (u.role = 'admin' AND t.mfa_required_for_admins)))
       AND ($5::uuid IS NULL OR EXISTS (SELECT FROM sessions AS s
            WHERE s.tenant_id = $1 AND s.id = $5 AND s.user_id = u.id AND s.ended_at IS NULL))
       FOR SHARE OF u
)
