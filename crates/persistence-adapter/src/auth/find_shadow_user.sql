-- Parameters: $1 id of the platform user, $2 tenant id, $3 short name of the tenant (one of the two is NULL).
-- Result: the tenant, if super admins may enter it, and the shadow user with its state, if there is one.
SELECT t.id, u.id, coalesce(u.state = 'active' AND u.role = 'super_admin' AND NOT u.scoped, FALSE), coalesce(u.access_version, 0)
  FROM tenants AS t LEFT JOIN users AS u ON u.tenant_id = t.id AND u.home_user_id = $1
 WHERE (t.id = $2 OR t.slug = $3) AND t.kind = 'company' AND t.state = 'active' AND t.support_access
