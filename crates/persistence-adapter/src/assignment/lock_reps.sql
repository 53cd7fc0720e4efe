-- $1 tenant, $2 ids, $3 usernames in lower case.
, wanted AS (
    SELECT id FROM users WHERE tenant_id = $1 AND id = ANY ($2)
    UNION
    SELECT id FROM users WHERE tenant_id = $1 AND lower(username) = ANY ($3)
)
SELECT s.id, lower(u.username), u.state = 'active', coalesce(s.capacity, t.default_capacity)::bigint
  FROM wanted AS w
  JOIN sales_reps AS s ON s.tenant_id = $1 AND s.id = w.id
  JOIN users AS u ON u.tenant_id = $1 AND u.id = w.id AND u.role = 'sales_rep'
  JOIN tenants AS t ON t.id = $1
 ORDER BY s.id
   FOR NO KEY UPDATE OF s
