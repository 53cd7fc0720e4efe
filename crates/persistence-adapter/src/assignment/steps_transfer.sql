-- Parameters: $1 tenant, $2 batch; $3 and $4 sales reps as named and their ids; $5 the limit of the list.
-- Result: the uids of the staged rows that match no retailer, at most $5. Stores the steps.
-- A retailer that the source does not serve moves nowhere (changed), unless the recipient serves it already (keep).
, known AS MATERIALIZED (
    -- One value that is searched by bisection. Read through a scalar subquery, because a join would copy it for each
    -- row.
    SELECT jsonb_object_agg(name, id) AS ids FROM unnest($3::text[], $4::bigint[]) AS k (name, id)
), rows AS MATERIALIZED (
    SELECT ((SELECT ids FROM known) ->> r.rep)::bigint AS rep, ((SELECT ids FROM known) ->> r.from_rep)::bigint AS source, r.uid
      FROM assignment_rows AS r WHERE r.tenant_id = $1 AND r.batch_id = $2
), pairs AS MATERIALIZED (
    SELECT r.rep, s.id AS retailer, s.territory_id, array_agg(r.source) AS sources
      FROM rows AS r JOIN retailers AS s ON s.tenant_id = $1 AND s.uid = r.uid AND s.deleted_at IS NULL
     WHERE r.rep IS NOT NULL AND r.source IS NOT NULL GROUP BY 1, 2, 3
), targets AS MATERIALIZED (
    -- Looked up retailer by retailer, because PostgreSQL cannot estimate their number.
    SELECT rep, retailer, territory_id, sources, array_agg(rep) OVER (PARTITION BY retailer) AS named,
           ARRAY(SELECT a.sales_rep_id FROM sales_rep_retailers AS a
             WHERE a.tenant_id = $1 AND a.retailer_id = retailer ORDER BY 1) AS reps
      FROM pairs
), requested AS (
    SELECT retailer, rep, territory_id, reps AS served_by,
           CASE WHEN rep = ANY (reps) THEN 'keep' WHEN sources && reps THEN 'start' ELSE 'changed' END AS outcome
      FROM targets
), replaced AS (
    SELECT DISTINCT t.retailer, o.rep, t.territory_id, t.reps AS served_by, 'end' AS outcome
      FROM targets AS t CROSS JOIN LATERAL unnest(t.sources) AS o (rep)
     WHERE o.rep = ANY (t.reps) AND NOT o.rep = ANY (t.named)
), computed AS (
    INSERT INTO assignment_steps (tenant_id, batch_id, retailer_id, sales_rep_id, outcome, served_by, territory_id)
    SELECT $1, $2, retailer, rep, outcome, served_by, territory_id FROM requested
    UNION ALL
    SELECT $1, $2, retailer, rep, outcome, served_by, territory_id FROM replaced
     ORDER BY 3, 4
)
SELECT ARRAY(
    SELECT DISTINCT r.uid FROM rows AS r WHERE NOT EXISTS (
        SELECT FROM retailers AS s WHERE s.tenant_id = $1 AND s.uid = r.uid AND s.deleted_at IS NULL
    ) ORDER BY r.uid LIMIT $5
)
