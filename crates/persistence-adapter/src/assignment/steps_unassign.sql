-- Parameters: $1 tenant, $2 batch; $3 and $4 sales reps as named and their ids; $5 the limit of the list.
-- Result: the uids of the staged rows that match no retailer of the caller's scope, at most $5. Stores the steps.
, known AS MATERIALIZED (
    -- One value that is searched by bisection. Read through a scalar subquery, because a join would copy it for each
    -- row.
    SELECT jsonb_object_agg(name, id) AS ids FROM unnest($3::text[], $4::bigint[]) AS k (name, id)
), rows AS MATERIALIZED (
    SELECT ((SELECT ids FROM known) ->> r.rep)::bigint AS rep, r.uid, r.out_of_scope FROM assignment_rows AS r
     WHERE r.tenant_id = $1 AND r.batch_id = $2
), pairs AS MATERIALIZED (
    SELECT DISTINCT r.rep, s.id AS retailer, s.territory_id
      FROM rows AS r JOIN retailers AS s ON s.tenant_id = $1 AND s.uid = r.uid AND s.deleted_at IS NULL AND NOT r.out_of_scope
     WHERE r.rep IS NOT NULL
), served AS MATERIALIZED (
    -- Looked up retailer by retailer, because PostgreSQL cannot estimate their number.
    SELECT rep, retailer, territory_id, ARRAY(SELECT a.sales_rep_id FROM sales_rep_retailers AS a
             WHERE a.tenant_id = $1 AND a.retailer_id = retailer ORDER BY 1) AS reps
      FROM pairs
), computed AS (
    INSERT INTO assignment_steps (tenant_id, batch_id, retailer_id, sales_rep_id, outcome, served_by, territory_id)
    SELECT $1, $2, retailer, rep, CASE WHEN rep = ANY (reps) THEN 'end' ELSE 'absent' END, reps, territory_id
      FROM served ORDER BY retailer, rep
)
SELECT ARRAY(
    SELECT DISTINCT r.uid FROM rows AS r WHERE NOT EXISTS (
        SELECT FROM retailers AS s
         WHERE s.tenant_id = $1 AND s.uid = r.uid AND s.deleted_at IS NULL AND NOT r.out_of_scope
    ) ORDER BY r.uid LIMIT $5
)
