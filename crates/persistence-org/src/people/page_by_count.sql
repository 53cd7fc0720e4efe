-- Parameters: $1 tenant, $2 states, $3 and $4 texts as in page.sql; $5 whether the order is by assigned count, $6
-- whether it is reversed, $7 and $8 fewest and most assigned retailers (NULL: any); $9 to $11 assigned count (0 unless the
-- order is by it), name and id of the previous row ($11 NULL: none), $12 row limit.
-- Result: sales reps in this order, then by name and id in the same direction, with the columns of person.sql.
-- Counts the retailers of every user that matches: one index range scan for each.
, counted AS MATERIALIZED (
    SELECT u.*, (SELECT count(*) FROM sales_rep_retailers AS a WHERE a.tenant_id = $1 AND a.sales_rep_id = u.id) AS assigned_count
      FROM users AS u
     WHERE u.tenant_id = $1 AND u.state = ANY ($2)
       AND u.id IN (SELECT p.id FROM sales_reps AS p WHERE p.tenant_id = $1 AND p.active)
       AND (strpos(u.search_key, $3) > 0 OR strpos(u.search_key, $4) > 0)
), ranked AS (
    SELECT *, CASE WHEN $5 THEN assigned_count ELSE 0 END AS rank FROM counted
     WHERE ($7 IS NULL OR assigned_count >= $7) AND ($8 IS NULL OR assigned_count <= $8)
), page AS MATERIALIZED (
    SELECT *, row_number() OVER (
               ORDER BY CASE WHEN NOT $6 THEN rank END, CASE WHEN NOT $6 THEN name END, CASE WHEN NOT $6 THEN id END,
                        CASE WHEN $6 THEN rank END DESC, CASE WHEN $6 THEN name END DESC, CASE WHEN $6 THEN id END DESC
           ) AS position
      FROM ranked
     WHERE $11 IS NULL OR CASE WHEN $6 THEN (rank, name, id) < ($9, $10, $11) ELSE (rank, name, id) > ($9, $10, $11) END
     ORDER BY position LIMIT $12
)
SELECT u.id, u.username, u.name, u.first_name, u.last_name, u.phone, u.email, u.role,
       CASE WHEN u.scoped THEN user_grants(u.tenant_id, u.id) END, u.state, u.must_change_password, u.mfa_enabled,
       t.mfa_required_for_admins, u.token_version, u.version, u.created_at, u.updated_at,
       coalesce(s.active, FALSE), s.employee_code, s.capacity, t.default_capacity::bigint, u.assigned_count
  FROM page AS u
  JOIN tenants AS t ON t.id = u.tenant_id
  LEFT JOIN sales_reps AS s ON s.tenant_id = u.tenant_id AND s.id = u.id
 ORDER BY u.position
