-- Parameters: $1 tenant, $2 batch, $3 job, $4 names that match no sales rep, $5 names of disabled sales reps, $6 and $7 names
-- and ids of all that match, $8 the column of the sales reps who get or lose retailers.
-- Result: the number of rows of the job that have an error, and the number of staged assignments that have one. Stores the
-- errors in job_errors.
, rows AS MATERIALIZED (
    SELECT row_no, rep, from_rep, uid, out_of_scope FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $2
), known AS MATERIALIZED (
    SELECT name, id FROM unnest($6::text[], $7::bigint[]) AS k (name, id)
), refused AS MATERIALIZED (
    SELECT s.sales_rep_id, s.outcome, r.uid FROM assignment_steps AS s
      JOIN retailers AS r ON r.tenant_id = $1 AND r.id = s.retailer_id
     WHERE s.tenant_id = $1 AND s.batch_id = $2 AND s.outcome IN ('refuse', 'changed')
), faults AS MATERIALIZED (
    SELECT row_no, rep, $8 AS field, 'not-found' AS code, rep AS value FROM rows WHERE rep = ANY ($4)
    UNION ALL
    SELECT row_no, rep, 'from', 'not-found', from_rep FROM rows WHERE from_rep = ANY ($4)
    UNION ALL
    SELECT w.row_no, w.rep, 'uid', 'not-found', w.uid FROM rows AS w WHERE NOT EXISTS (
        SELECT FROM retailers AS r
         WHERE r.tenant_id = $1 AND r.uid = w.uid AND r.deleted_at IS NULL AND NOT w.out_of_scope
    )
    UNION ALL
    -- No sales rep is to serve the retailer, but another row names one.
    SELECT row_no, rep, 'uid', 'duplicate', uid FROM rows
     WHERE rep = '' AND uid IN (SELECT uid FROM rows WHERE rep <> '')
    UNION ALL
    SELECT row_no, rep, 'uid', 'duplicate', uid FROM rows WHERE from_rep IS NOT NULL AND uid IN (
        SELECT w.uid FROM rows AS w JOIN known AS k ON k.name = w.rep JOIN known AS s ON s.name = w.from_rep
         WHERE w.from_rep IS NOT NULL GROUP BY 1 HAVING count(DISTINCT (k.id, s.id)) > 1
    )
    UNION ALL
    SELECT w.row_no, w.rep, CASE f.outcome WHEN 'changed' THEN 'from' ELSE $8 END,
           CASE WHEN f.outcome = 'changed' THEN 'not-assigned' WHEN w.rep = ANY ($5) THEN 'disabled' ELSE 'over-capacity' END,
           CASE f.outcome WHEN 'changed' THEN w.from_rep ELSE w.rep END
      FROM refused AS f
      JOIN known AS k ON k.id = f.sales_rep_id JOIN rows AS w ON w.rep = k.name AND w.uid = f.uid
     -- A sales rep from whom a retailer is transferred, and who is unknown, has an error already.
     WHERE w.from_rep IS NULL OR NOT w.from_rep = ANY ($4)
), logged AS (
    INSERT INTO job_errors (tenant_id, job_id, row_no, field, code, value)
    SELECT $1, $3, row_no, field, code, left(regexp_replace(value, '^(code|any|name):', ''), 200) FROM faults ON CONFLICT DO NOTHING
    RETURNING row_no
)
SELECT (SELECT count(*) FROM (
    SELECT row_no FROM logged UNION SELECT row_no FROM job_errors WHERE tenant_id = $1 AND job_id = $3
) AS failed_rows),
       -- The row of a retailer that no sales rep is to serve requests no assignment.
       (SELECT count(DISTINCT (row_no, rep)) FROM faults WHERE rep <> '')
