-- $1 tenant, $2 ids and usernames in lower case.
, named AS MATERIALIZED (
    SELECT DISTINCT name FROM unnest($2::text[]) AS n (name)
), found AS (
    SELECT n.name, u.id FROM named AS n
      JOIN users AS u ON u.tenant_id = $1 AND lower(u.username) = n.name AND u.role = 'sales_rep'
    UNION ALL
    SELECT n.name, u.id FROM named AS n
      JOIN users AS u ON u.tenant_id = $1 AND u.role = 'sales_rep'
       AND u.id = CASE WHEN n.name ~ '^[0-9]{1,18}$' THEN n.name::bigint END
)
SELECT f.name, u.id, u.username, u.state = 'active', coalesce(s.capacity, t.default_capacity)::bigint,
       (SELECT count(*) FROM sales_rep_retailers AS a WHERE a.tenant_id = $1 AND a.sales_rep_id = u.id)
  FROM found AS f JOIN users AS u ON u.tenant_id = $1 AND u.id = f.id
  JOIN sales_reps AS s ON s.tenant_id = $1 AND s.id = u.id JOIN tenants AS t ON t.id = $1
