-- Parameters: $1 tenant, $2 users, $3 roles of users who are not staff.
-- Result: those of these users who are staff: id, username; id and name of the present team (NULL: none), its home area and the
-- region of that.
SELECT u.id, u.username, t.id, t.name, t.area_id, a.region_id
  FROM users AS u
  LEFT JOIN team_members AS m ON m.tenant_id = u.tenant_id AND m.user_id = u.id
  LEFT JOIN teams AS t ON t.tenant_id = m.tenant_id AND t.id = m.team_id
  LEFT JOIN areas AS a ON a.tenant_id = t.tenant_id AND a.id = t.area_id
 WHERE u.tenant_id = $1 AND u.id = ANY ($2) AND u.role <> ALL ($3) AND u.home_user_id IS NULL
