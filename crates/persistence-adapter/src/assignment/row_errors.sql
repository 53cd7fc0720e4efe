-- Parameters: $1 tenant, $2 batch, $3 job, $4 names that match no sales rep, $5 names of disabled sales reps, $6 and $7 names
-- and ids of the others.
-- Result: the number of rows of the job that have an error. Stores the errors in job_errors.
, rows AS MATERIALIZED (
    SELECT row_no, rep, uid FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $2
), known AS MATERIALIZED (
    SELECT name, id FROM unnest($6::text[], $7::bigint[]) AS k (name, id)
), refused AS MATERIALIZED (
    SELECT s.sales_rep_id, r.uid FROM assignment_steps AS s
      JOIN retailers AS r ON r.tenant_id = $1 AND r.id = s.retailer_id
     WHERE s.tenant_id = $1 AND s.batch_id = $2 AND s.outcome = 'refuse'
), faults AS (
    SELECT row_no, 'salesRep' AS field, CASE WHEN rep = ANY ($4) THEN 'not-found' ELSE 'disabled' END AS code, rep AS value
      FROM rows WHERE rep = ANY ($4) OR rep = ANY ($5)
    UNION ALL
    SELECT w.row_no, 'uid', 'not-found', w.uid FROM rows AS w WHERE NOT EXISTS (
        SELECT FROM retailers AS r WHERE r.tenant_id = $1 AND r.uid = w.uid AND r.deleted_at IS NULL
    )
    UNION ALL
    SELECT w.row_no, 'salesRep', 'over-capacity', w.rep FROM refused AS f
      JOIN known AS k ON k.id = f.sales_rep_id JOIN rows AS w ON w.rep = k.name AND w.uid = f.uid
), logged AS (
    INSERT INTO job_errors (tenant_id, job_id, row_no, field, code, value)
    SELECT $1, $3, row_no, field, code, left(regexp_replace(value, '^(code|any):', ''), 200) FROM faults ON CONFLICT DO NOTHING
    RETURNING row_no
)
SELECT count(*) FROM (
    SELECT row_no FROM logged UNION SELECT row_no FROM job_errors WHERE tenant_id = $1 AND job_id = $3
) AS failed_rows
