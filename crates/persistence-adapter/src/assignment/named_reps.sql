-- Parameters: $1 tenant, $2 batch.
-- Result: one row for each sales rep named in the batch's rows: the name, the first row that names it, the sales rep's id
-- (NULL: not found), whether the user is active and a sales rep at present; by row. A name is a username or an id; in files
-- also `code:` and an employee code, `any:` and a username or employee code, or `name:` and a username or, if there is none, an
-- employee code. A name of several sales reps names none.
-- Looked up name by name: PostgreSQL cannot estimate the number of names and would compare all pairs.
, named AS MATERIALIZED (
    SELECT rep, min(row_no) AS row_no, CASE WHEN rep NOT LIKE 'code:%' THEN regexp_replace(rep, '^(any|name):', '') END AS username,
           CASE WHEN rep ~ '^(code|any|name):' THEN regexp_replace(rep, '^(code|any|name):', '') END AS code
      FROM (
        SELECT rep, row_no FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $2 AND rep <> ''
        UNION ALL
        SELECT from_rep, row_no FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $2 AND from_rep IS NOT NULL
    ) AS r GROUP BY rep
)
SELECT n.rep, n.row_no, f.id, coalesce(f.active, FALSE)
  FROM named AS n LEFT JOIN LATERAL (
    SELECT min(c.id) AS id, bool_and(c.state = 'active' AND c.active) AS active FROM (
        SELECT u.id, u.state, s.active FROM users AS u JOIN sales_reps AS s ON s.tenant_id = $1 AND s.id = u.id
         WHERE u.tenant_id = $1 AND lower(u.username) = n.username
        UNION ALL
        SELECT u.id, u.state, s.active FROM users AS u JOIN sales_reps AS s ON s.tenant_id = $1 AND s.id = u.id
         WHERE u.tenant_id = $1
           AND u.id = CASE WHEN n.username ~ '^[0-9]{1,18}$' THEN n.username::bigint END
        UNION ALL
        SELECT u.id, u.state, s.active FROM sales_reps AS s JOIN users AS u ON u.tenant_id = $1 AND u.id = s.id
         WHERE s.tenant_id = $1 AND s.employee_code_key = n.code
           -- Not a code that another sales rep has from an earlier version in another spelling.
           AND NOT EXISTS (SELECT FROM sales_reps AS t
               WHERE t.tenant_id = $1 AND t.employee_code_key IS NULL AND lower(t.employee_code) = n.code)
           AND (n.rep NOT LIKE 'name:%' OR NOT EXISTS (
               SELECT FROM users AS x JOIN sales_reps AS y ON y.tenant_id = $1 AND y.id = x.id
                WHERE x.tenant_id = $1 AND lower(x.username) = n.username))
    ) AS c
    HAVING count(DISTINCT c.id) = 1
  ) AS f ON TRUE
 ORDER BY n.row_no
