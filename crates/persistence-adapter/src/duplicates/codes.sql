-- Parameters: $1 tenant.
-- Result: employee code, id and name of sales reps, the oldest first: those without a folded code, and those that may have the
-- same. A code has ASCII characters only, so lower() folds it except for runs of blanks, which the caller compares.
, twins AS MATERIALIZED (
    SELECT DISTINCT replace(lower(employee_code), ' ', '') AS code FROM sales_reps
     WHERE tenant_id = $1 AND employee_code IS NOT NULL AND employee_code_key IS NULL
)
SELECT s.employee_code, s.id, u.name
  FROM sales_reps AS s JOIN users AS u ON u.tenant_id = $1 AND u.id = s.id
 WHERE s.tenant_id = $1 AND replace(lower(s.employee_code), ' ', '') IN (SELECT code FROM twins)
 ORDER BY s.id
