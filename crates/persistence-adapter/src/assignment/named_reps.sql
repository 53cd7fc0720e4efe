-- $1 tenant, $2 batch: each representative named in its rows, the first row that names them, and who they are. Looked up
-- name by name: Postgres cannot know how many there are, and would compare every two of them.
, named AS MATERIALIZED (
    SELECT rep, min(row_no) AS row_no FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $2 GROUP BY rep
)
SELECT n.rep, n.row_no, f.id, coalesce(f.state = 'active', FALSE)
  FROM named AS n LEFT JOIN LATERAL (
    SELECT u.id, u.state FROM users AS u
     WHERE u.tenant_id = $1 AND lower(u.username) = n.rep AND u.role = 'sales_rep'
    UNION ALL
    SELECT u.id, u.state FROM users AS u
     WHERE u.tenant_id = $1 AND u.role = 'sales_rep'
       AND u.id = CASE WHEN n.rep ~ '^[0-9]{1,18}$' THEN n.rep::bigint END
     LIMIT 1
  ) AS f ON TRUE
 ORDER BY n.row_no
