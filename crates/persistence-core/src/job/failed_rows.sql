-- Parameters: $1 tenant, $2 job, $3 the previous row number, $4 row limit.
-- Result: row number, and the fields, codes and values of its errors, by row number.
SELECT row_no, array_agg(field ORDER BY field), array_agg(code ORDER BY field), array_agg(value ORDER BY field)
  FROM job_errors
 WHERE tenant_id = $1 AND job_id = $2 AND row_no > $3
 GROUP BY row_no ORDER BY row_no LIMIT $4
