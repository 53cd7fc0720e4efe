-- Parameters: $1 tenant, $2 batch.
-- Result: one row for each sales rep named in the batch's rows: the name, the first row that names it, the sales rep's id
-- (NULL: not found), whether the user is active; by row.
-- Looked up name by name: PostgreSQL cannot estimate the number of names and would compare all pairs.
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
    UNION ALL
    -- An employee code, marked as such or like a username.
    SELECT u.id, u.state FROM sales_reps AS s JOIN users AS u ON u.tenant_id = $1 AND u.id = s.id
     WHERE s.tenant_id = $1 AND n.rep !~ '^[0-9]+$'
       AND s.employee_code_key = CASE WHEN n.rep LIKE 'code:%' THEN substr(n.rep, 6) ELSE n.rep END
     LIMIT 1
  ) AS f ON TRUE
 ORDER BY n.row_no
