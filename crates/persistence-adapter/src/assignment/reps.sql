-- Parameters: $1 tenant, $2 ids and usernames in lower case.
-- Result: for each name that was found: the name, id, username, whether the user is active, capacity, assigned count.
-- Looked up name by name, because PostgreSQL cannot estimate their number.
, named AS MATERIALIZED (
    SELECT DISTINCT name FROM unnest($2::text[]) AS n (name)
)
SELECT n.name, f.id, f.username, f.state = 'active', coalesce(s.capacity, t.default_capacity)::bigint,
       (SELECT count(*) FROM sales_rep_retailers AS a WHERE a.tenant_id = $1 AND a.sales_rep_id = f.id)
  FROM named AS n CROSS JOIN LATERAL (
    SELECT u.id, u.username, u.state FROM users AS u
     WHERE u.tenant_id = $1 AND lower(u.username) = n.name AND u.role = 'sales_rep'
    UNION ALL
    SELECT u.id, u.username, u.state FROM users AS u
     WHERE u.tenant_id = $1 AND u.role = 'sales_rep'
       AND u.id = CASE WHEN n.name ~ '^[0-9]{1,18}$' THEN n.name::bigint END
     LIMIT 1
  ) AS f
  JOIN sales_reps AS s ON s.tenant_id = $1 AND s.id = f.id JOIN tenants AS t ON t.id = $1
