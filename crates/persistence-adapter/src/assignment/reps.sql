-- Parameters: those of covered.sql, $6 ids and usernames in lower case.
-- Result: for each name of a sales rep in the caller's scope: the name, id, username, whether the user is active and a sales rep at present, capacity,
-- assigned count.
-- Looked up name by name, because PostgreSQL cannot estimate their number.
, named AS MATERIALIZED (
    SELECT DISTINCT name FROM unnest($6::text[]) AS n (name)
)
SELECT n.name, f.id, f.username, f.active, coalesce(f.capacity, t.default_capacity)::bigint,
       (SELECT count(*) FROM sales_rep_retailers AS a WHERE a.tenant_id = $1 AND a.sales_rep_id = f.id)
  FROM named AS n CROSS JOIN LATERAL (
    SELECT u.id, u.username, u.state = 'active' AND s.active AS active, s.capacity
      FROM users AS u JOIN sales_reps AS s ON s.tenant_id = $1 AND s.id = u.id
     WHERE u.tenant_id = $1 AND lower(u.username) = n.name
    UNION ALL
    SELECT u.id, u.username, u.state = 'active' AND s.active, s.capacity
      FROM users AS u JOIN sales_reps AS s ON s.tenant_id = $1 AND s.id = u.id
     WHERE u.tenant_id = $1 AND u.id = CASE WHEN n.name ~ '^[0-9]{1,18}$' THEN n.name::bigint END
     LIMIT 1
  ) AS f
  JOIN tenants AS t ON t.id = $1
 WHERE $2 OR f.id IN (SELECT id FROM covered)
