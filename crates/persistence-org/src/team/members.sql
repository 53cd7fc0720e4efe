-- Parameters: $1 tenant, $2 team, $3 and $4 name and id of the previous row, $5 row limit.
-- Result: the members by name and id: id, username, name, highest role, state, joined at.
SELECT u.id, u.username, u.name, u.role, u.state, m.joined_at
  FROM team_members AS m JOIN users AS u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
 WHERE m.tenant_id = $1 AND m.team_id = $2 AND (u.name, u.id) > ($3, $4)
 ORDER BY u.name, u.id LIMIT $5
