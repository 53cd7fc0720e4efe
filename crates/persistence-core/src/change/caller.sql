-- Prefix of statements that check the caller first. The CTE "caller" has one row if the caller is still allowed to act, and none
-- otherwise. Its column "current" is false if the grants of the caller have changed, so that the permissions have to be checked
-- again. For a shadow user, everything but the grants is that of the platform user, who must be a super admin.
-- Parameters: $1 tenant, $2 user, $3 access version, $4 token version, $5 session (NULL: none).
, platform_user AS MATERIALIZED (
    -- Locked before the shadow user.
    SELECT p.tenant_id, p.id, p.token_version, p.state, p.must_change_password, p.mfa_enabled
      FROM users AS p
     WHERE (p.tenant_id, p.id) = (
               SELECT t.id, s.home_user_id FROM users AS s JOIN tenants AS t ON t.kind = 'platform'
                WHERE s.tenant_id = $1 AND s.id = $2 AND s.home_user_id IS NOT NULL
           )
       AND p.role = 'super_admin' AND NOT p.scoped
       FOR SHARE
), caller AS MATERIALIZED (
    -- Locked, so that the user cannot be disabled, and the grants cannot change, between this check and the commit.
    SELECT u.id, u.access_version = $3 AS current, u.role
      FROM users AS u JOIN tenants AS t ON t.id = u.tenant_id AND t.state = 'active'
      LEFT JOIN platform_user AS p ON TRUE
     WHERE u.tenant_id = $1 AND u.id = $2 AND u.state = 'active'
       AND CASE WHEN u.home_user_id IS NULL THEN
               u.token_version = $4 AND NOT u.must_change_password
               AND (u.mfa_enabled OR NOT (u.role = 'super_admin' OR (u.role = 'admin' AND t.mfa_required_for_admins)))
           ELSE
               t.support_access AND p.state = 'active' AND p.token_version = $4 AND NOT p.must_change_password AND p.mfa_enabled
           END
       -- Not EXISTS: the planner would build a hash table from a scan of the sessions of all tenants.
       AND ($5::uuid IS NULL OR coalesce((
               SELECT s.ended_at IS NULL FROM sessions AS s
                WHERE s.tenant_id = coalesce(p.tenant_id, $1) AND s.id = $5 AND s.user_id = coalesce(p.id, u.id)
           ), FALSE))
       FOR SHARE OF u
)
