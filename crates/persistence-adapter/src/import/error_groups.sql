-- Parameters: $1 tenant, $2 import, $3 row limit.
-- Result: column, code and value of errors, the number of rows, the first of these rows, the number of groups; the largest groups
-- first.
SELECT field, code, value, count(*), (array_agg(coalesce(sheet_row, row_no) ORDER BY row_no))[1:5], count(*) OVER ()
  FROM import_errors
 WHERE tenant_id = $1 AND import_id = $2
 GROUP BY field, code, value ORDER BY count(*) DESC, field, code, value LIMIT $3
