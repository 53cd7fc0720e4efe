-- Parameters: $1 tenant, $2 role, $3 states, $4 and $5 texts as in page.sql; $6 whether the order is by assigned count, $7
-- whether it is reversed, $8 and $9 fewest and most assigned retailers (NULL: any); $10 to $12 assigned count (0 unless the
-- order is by it), name and id of the previous row ($12 NULL: none), $13 row limit.
-- Result: users in this order, then by name and id in the same direction, with the columns of person.sql.
-- Counts the retailers of every user that matches: one index range scan for each.
, counted AS MATERIALIZED (
    SELECT u.*, (SELECT count(*) FROM sales_rep_retailers AS a WHERE a.tenant_id = $1 AND a.sales_rep_id = u.id) AS assigned_count
      FROM users AS u
     WHERE u.tenant_id = $1 AND u.role = $2 AND u.state = ANY ($3)
       AND (strpos(u.search_key, $4) > 0 OR strpos(u.search_key, $5) > 0)
), ranked AS (
    SELECT *, CASE WHEN $6 THEN assigned_count ELSE 0 END AS rank FROM counted
     WHERE ($8 IS NULL OR assigned_count >= $8) AND ($9 IS NULL OR assigned_count <= $9)
), page AS MATERIALIZED (
    SELECT *, row_number() OVER (
               ORDER BY CASE WHEN NOT $7 THEN rank END, CASE WHEN NOT $7 THEN name END, CASE WHEN NOT $7 THEN id END,
                        CASE WHEN $7 THEN rank END DESC, CASE WHEN $7 THEN name END DESC, CASE WHEN $7 THEN id END DESC
           ) AS position
      FROM ranked
     WHERE $12 IS NULL OR CASE WHEN $7 THEN (rank, name, id) < ($10, $11, $12) ELSE (rank, name, id) > ($10, $11, $12) END
     ORDER BY position LIMIT $13
)
SELECT u.id, u.username, u.name, u.phone, u.email, u.role, u.state, u.must_change_password, u.mfa_enabled,
       t.mfa_required_for_admins, u.token_version, u.version,
       u.created_at, u.updated_at, s.employee_code, s.capacity, t.default_capacity::bigint, u.assigned_count
  FROM page AS u
  JOIN tenants AS t ON t.id = u.tenant_id
  LEFT JOIN sales_reps AS s ON s.tenant_id = u.tenant_id AND s.id = u.id
 ORDER BY u.position
