-- Parameters: $1 to $10 as in visible_users.sql, $11 a role that the user must have (NULL: any), $12 id.
-- Result: at most one user: id, username, name, first and last name, phone, e-mail address, highest role, grants (NULL: that
-- role alone), state, whether a password change is required, whether a second factor is enabled, whether the tenant requires
-- one of admins, token version, version, created at, updated at, whether the user is a sales rep, employee code, capacity,
-- default capacity, id and name of the team, assigned count.
SELECT u.id, u.username, u.name, u.first_name, u.last_name, u.phone, u.email, u.role,
       CASE WHEN u.scoped THEN user_grants(u.tenant_id, u.id) END, u.state, u.must_change_password, u.mfa_enabled,
       t.mfa_required_for_admins, u.token_version, u.version, u.created_at, u.updated_at,
       coalesce(s.active, FALSE), s.employee_code, s.capacity, t.default_capacity::bigint, e.id, e.name,
       (SELECT count(*) FROM sales_rep_retailers AS a WHERE a.tenant_id = u.tenant_id AND a.sales_rep_id = u.id)
  FROM users AS u
  JOIN tenants AS t ON t.id = u.tenant_id
  LEFT JOIN sales_reps AS s ON s.tenant_id = u.tenant_id AND s.id = u.id
  LEFT JOIN team_members AS m ON m.tenant_id = u.tenant_id AND m.user_id = u.id
  LEFT JOIN teams AS e ON e.tenant_id = m.tenant_id AND e.id = m.team_id
 WHERE u.tenant_id = $1 AND u.id = $12 AND ($2 OR u.id IN (SELECT id FROM visible))
   AND ($11::text IS NULL OR EXISTS (
       SELECT FROM user_roles AS r WHERE r.tenant_id = $1 AND r.user_id = $12 AND r.role = $11))
