-- Parameters: $1 tenant, $2 batch; $3 and $4 sales reps as named and their ids; $5 share, skip or move; $6 the sales rep from
-- which retailers are moved (NULL: from all others), $7 the limit of the list, $8 the sales reps whose assignments may end
-- (NULL: any).
-- Result: the uids of the staged rows that match no retailer of the caller's scope, at most $7. Stores the steps. The row of a
-- retailer that no sales rep is to serve has an empty name: it only ends assignments.
, known AS MATERIALIZED (
    -- One value that is searched by bisection. Read through a scalar subquery, because a join would copy it for each
    -- row.
    SELECT jsonb_object_agg(name, id) AS ids FROM unnest($3::text[], $4::bigint[]) AS k (name, id)
), rows AS MATERIALIZED (
    SELECT ((SELECT ids FROM known) ->> r.rep)::bigint AS rep, r.rep = '' AS clears, r.uid, r.out_of_scope
      FROM assignment_rows AS r
     WHERE r.tenant_id = $1 AND r.batch_id = $2
), pairs AS MATERIALIZED (
    SELECT DISTINCT r.rep, s.id AS retailer, s.territory_id
      FROM rows AS r JOIN retailers AS s ON s.tenant_id = $1 AND s.uid = r.uid AND s.deleted_at IS NULL AND NOT r.out_of_scope
     WHERE r.rep IS NOT NULL OR r.clears
), targets AS MATERIALIZED (
    -- Looked up retailer by retailer, because PostgreSQL cannot estimate their number.
    SELECT retailer, territory_id, array_remove(array_agg(rep), NULL) AS named, ARRAY(SELECT a.sales_rep_id FROM sales_rep_retailers AS a
             WHERE a.tenant_id = $1 AND a.retailer_id = retailer ORDER BY 1) AS reps
      FROM pairs GROUP BY 1, 2
), requested AS (
    SELECT s.retailer, n.rep, s.territory_id, s.reps AS served_by,
           CASE WHEN $6 IS NOT NULL AND NOT $6 = ANY (s.reps) THEN 'changed'
                WHEN n.rep = ANY (s.reps) THEN 'keep'
                WHEN $5 = 'skip' AND s.reps <> '{}' THEN 'skip'
                ELSE 'start' END AS outcome
      FROM targets AS s CROSS JOIN LATERAL unnest(s.named) AS n (rep)
), replaced AS (
    SELECT s.retailer, o.rep, s.territory_id, s.reps AS served_by, 'end' AS outcome
      FROM targets AS s CROSS JOIN LATERAL unnest(s.reps) AS o (rep)
     WHERE $5 = 'move' AND ($6 IS NULL OR o.rep = $6) AND ($8 IS NULL OR o.rep = ANY ($8)) AND NOT o.rep = ANY (s.named)
), computed AS (
    INSERT INTO assignment_steps (tenant_id, batch_id, retailer_id, sales_rep_id, outcome, served_by, territory_id)
    SELECT $1, $2, retailer, rep, outcome, served_by, territory_id FROM requested
    UNION ALL
    SELECT $1, $2, retailer, rep, outcome, served_by, territory_id FROM replaced
    -- In key order: a million steps are then written and read in half the time.
     ORDER BY 3, 4
)
SELECT ARRAY(
    SELECT DISTINCT r.uid FROM rows AS r WHERE NOT EXISTS (
        SELECT FROM retailers AS s
         WHERE s.tenant_id = $1 AND s.uid = r.uid AND s.deleted_at IS NULL AND NOT r.out_of_scope
    ) ORDER BY r.uid LIMIT $7
)
