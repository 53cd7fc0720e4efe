-- Parameters: $1 tenant, $2 batch; $3 and $4 sales reps as named and their ids; $5 the limit of the list.
-- Result: the uids of the staged rows that match no retailer of the caller's scope, at most $5. Stores the steps.
-- A retailer that the source does not serve moves nowhere (changed), unless the recipient serves it already (keep). Neither does
-- one that the rows give to several sales reps, or take from several.
, known AS MATERIALIZED (
    -- One value that is searched by bisection. Read through a scalar subquery, because a join would copy it for each
    -- row.
    SELECT jsonb_object_agg(name, id) AS ids FROM unnest($3::text[], $4::bigint[]) AS k (name, id)
), rows AS MATERIALIZED (
    SELECT ((SELECT ids FROM known) ->> r.rep)::bigint AS rep, ((SELECT ids FROM known) ->> r.from_rep)::bigint AS source,
           r.uid, r.out_of_scope
      FROM assignment_rows AS r WHERE r.tenant_id = $1 AND r.batch_id = $2
), pairs AS MATERIALIZED (
    SELECT min(r.rep) AS rep, s.id AS retailer, s.territory_id, min(r.source) AS source
      FROM rows AS r JOIN retailers AS s ON s.tenant_id = $1 AND s.uid = r.uid AND s.deleted_at IS NULL AND NOT r.out_of_scope
     WHERE r.rep IS NOT NULL AND r.source IS NOT NULL
     GROUP BY 2, 3
    HAVING count(DISTINCT (r.rep, r.source)) = 1
), targets AS MATERIALIZED (
    -- Looked up retailer by retailer, because PostgreSQL cannot estimate their number.
    SELECT rep, retailer, territory_id, source, ARRAY(SELECT a.sales_rep_id FROM sales_rep_retailers AS a
             WHERE a.tenant_id = $1 AND a.retailer_id = retailer ORDER BY 1) AS reps
      FROM pairs
), requested AS (
    SELECT retailer, rep, territory_id, reps AS served_by,
           CASE WHEN rep = ANY (reps) THEN 'keep' WHEN source = ANY (reps) THEN 'start' ELSE 'changed' END AS outcome
      FROM targets
), replaced AS (
    SELECT retailer, source AS rep, territory_id, reps AS served_by, 'end' AS outcome
      FROM targets WHERE source = ANY (reps) AND source <> rep
), computed AS (
    INSERT INTO assignment_steps (tenant_id, batch_id, retailer_id, sales_rep_id, outcome, served_by, territory_id)
    SELECT $1, $2, retailer, rep, outcome, served_by, territory_id FROM requested
    UNION ALL
    SELECT $1, $2, retailer, rep, outcome, served_by, territory_id FROM replaced
     ORDER BY 3, 4
)
SELECT ARRAY(
    SELECT DISTINCT r.uid FROM rows AS r WHERE NOT EXISTS (
        SELECT FROM retailers AS s
         WHERE s.tenant_id = $1 AND s.uid = r.uid AND s.deleted_at IS NULL AND NOT r.out_of_scope
    ) ORDER BY r.uid LIMIT $5
)
