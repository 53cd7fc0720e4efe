-- Parameters: $1 to $10 as in visible_users.sql, $11 a role that the users must have (NULL: any), $12 states, $13 and $14 texts (the
-- search key must contain one of them; every key contains the empty text), $15 and $16 name and id of the previous row, $17 row
-- limit, $18 whether to list the shadow users of super admins instead of all others.
-- Result: users by name and id, with the columns of person.sql. Assigned counts are computed for the page only.
, matching AS NOT MATERIALIZED (
    SELECT * FROM users AS u
     WHERE tenant_id = $1 AND (name, id) > ($15, $16) AND state = ANY ($12) AND (home_user_id IS NOT NULL) = $18
       AND (strpos(search_key, $13) > 0 OR strpos(search_key, $14) > 0)
       AND ($2 OR u.id IN (SELECT id FROM visible))
       AND (num_nonnulls($8, $9, $10) = 0 OR u.id IN (SELECT id FROM in_team))
), page AS MATERIALIZED (
    (SELECT * FROM matching WHERE $11::text IS NULL ORDER BY name, id LIMIT $17)
    UNION ALL
    -- A user whose highest role it is, unless all grants were taken.
    (SELECT * FROM matching AS u
      WHERE role = $11
        AND (NOT scoped OR EXISTS (
            SELECT FROM user_roles AS r WHERE r.tenant_id = $1 AND r.user_id = u.id AND r.role = $11))
      ORDER BY name, id LIMIT $17)
    UNION ALL
    -- A user who has a higher role too.
    (SELECT * FROM matching AS u
      WHERE scoped AND role <> $11
        AND EXISTS (SELECT FROM user_roles AS r WHERE r.tenant_id = $1 AND r.user_id = u.id AND r.role = $11)
      ORDER BY name, id LIMIT $17)
    ORDER BY name, id LIMIT $17
)
SELECT u.id, u.username, u.name, u.first_name, u.last_name, u.phone, u.email, u.role,
       CASE WHEN u.scoped THEN user_grants(u.tenant_id, u.id) END, u.state, u.must_change_password, u.mfa_enabled,
       t.mfa_required_for_admins, u.token_version, u.version, u.created_at, u.updated_at,
       coalesce(s.active, FALSE), s.employee_code, s.capacity, t.default_capacity::bigint, e.id, e.name,
       (SELECT count(*) FROM sales_rep_retailers AS a WHERE a.tenant_id = u.tenant_id AND a.sales_rep_id = u.id)
  FROM page AS u
  JOIN tenants AS t ON t.id = u.tenant_id
  LEFT JOIN sales_reps AS s ON s.tenant_id = u.tenant_id AND s.id = u.id
  LEFT JOIN team_members AS m ON m.tenant_id = u.tenant_id AND m.user_id = u.id
  LEFT JOIN teams AS e ON e.tenant_id = m.tenant_id AND e.id = m.team_id
 ORDER BY u.name, u.id
