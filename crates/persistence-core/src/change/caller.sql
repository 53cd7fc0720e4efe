-- Prefix of statements that check the caller first. The CTE "caller" has one row if the caller is still allowed to act, and none
-- otherwise.
-- Parameters: $1 tenant, $2 user, $3 role, $4 token version, $5 session (NULL: none), $6 whether the tenant may require a second
-- factor of this role.
, caller AS MATERIALIZED (
    -- Locked, so that the user cannot be disabled between this check and the commit.
    SELECT u.id FROM users AS u JOIN tenants AS t ON t.id = u.tenant_id AND t.state = 'active'
     WHERE u.tenant_id = $1 AND u.id = $2 AND u.role = $3 AND u.token_version = $4 AND u.state = 'active'
       AND NOT u.must_change_password AND (u.mfa_enabled OR NOT $6 OR NOT t.mfa_required_for_admins)
       AND ($5::uuid IS NULL OR EXISTS (SELECT FROM sessions AS s
            WHERE s.tenant_id = $1 AND s.id = $5 AND s.user_id = u.id AND s.ended_at IS NULL))
       FOR SHARE OF u
)
