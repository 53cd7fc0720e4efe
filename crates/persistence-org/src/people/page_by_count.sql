-- Parameters: $1 to $10 as in visible_users.sql, $11 states, $12 and $13 texts as in page.sql; $14 whether the order is by assigned
-- count, $15 whether it is reversed, $16 and $17 fewest and most assigned retailers (NULL: any); $18 to $20 assigned count (0 unless
-- the order is by it), name and id of the previous row ($20 NULL: none), $21 row limit.
-- Result: sales reps in this order, then by name and id in the same direction, with the columns of person.sql.
-- Counts the retailers of every user that matches: one index range scan for each.
, counted AS MATERIALIZED (
    SELECT u.*, (SELECT count(*) FROM sales_rep_retailers AS a WHERE a.tenant_id = $1 AND a.sales_rep_id = u.id) AS assigned_count
      FROM users AS u
     WHERE u.tenant_id = $1 AND u.state = ANY ($11)
       AND u.id IN (SELECT p.id FROM sales_reps AS p WHERE p.tenant_id = $1 AND p.active)
       AND (strpos(u.search_key, $12) > 0 OR strpos(u.search_key, $13) > 0)
       AND ($2 OR u.id IN (SELECT id FROM visible))
       AND (num_nonnulls($8, $9, $10) = 0 OR u.id IN (SELECT id FROM in_team))
), ranked AS (
    SELECT *, CASE WHEN $14 THEN assigned_count ELSE 0 END AS rank FROM counted
     WHERE ($16 IS NULL OR assigned_count >= $16) AND ($17 IS NULL OR assigned_count <= $17)
), page AS MATERIALIZED (
    SELECT *, row_number() OVER (
               ORDER BY CASE WHEN NOT $15 THEN rank END, CASE WHEN NOT $15 THEN name END, CASE WHEN NOT $15 THEN id END,
                        CASE WHEN $15 THEN rank END DESC, CASE WHEN $15 THEN name END DESC, CASE WHEN $15 THEN id END DESC
           ) AS position
      FROM ranked
     WHERE $20 IS NULL OR CASE WHEN $15 THEN (rank, name, id) < ($18, $19, $20) ELSE (rank, name, id) > ($18, $19, $20) END
     ORDER BY position LIMIT $21
)
SELECT u.id, u.username, u.name, u.first_name, u.last_name, u.phone, u.email, u.role,
       CASE WHEN u.scoped THEN user_grants(u.tenant_id, u.id) END, u.state, u.must_change_password, u.mfa_enabled,
       t.mfa_required_for_admins, u.token_version, u.version, u.created_at, u.updated_at,
       coalesce(s.active, FALSE), s.employee_code, s.capacity, t.default_capacity::bigint, e.id, e.name, u.assigned_count
  FROM page AS u
  JOIN tenants AS t ON t.id = u.tenant_id
  LEFT JOIN sales_reps AS s ON s.tenant_id = u.tenant_id AND s.id = u.id
  LEFT JOIN team_members AS m ON m.tenant_id = u.tenant_id AND m.user_id = u.id
  LEFT JOIN teams AS e ON e.tenant_id = m.tenant_id AND e.id = m.team_id
 ORDER BY u.position
