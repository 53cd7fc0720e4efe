-- Parameters: $1 tenant, $2 user.
-- Result: at most one row: name and time zone of the tenant, capacity of the sales rep (NULL: not a sales rep at present),
-- assigned count.
SELECT t.name, t.time_zone, CASE WHEN s.active THEN coalesce(s.capacity, t.default_capacity)::bigint END,
       (SELECT count(*) FROM sales_rep_retailers AS a WHERE a.tenant_id = $1 AND a.sales_rep_id = u.id)
  FROM users AS u JOIN tenants AS t ON t.id = u.tenant_id
  LEFT JOIN sales_reps AS s ON s.tenant_id = $1 AND s.id = u.id
 WHERE u.tenant_id = $1 AND u.id = $2
