-- $1 tenant, $2 batch; $3 and $4 representatives as named and their ids; $5 share, skip or move; $6 the one from whom
-- shops are moved (NULL: from everybody else), $7 the most uids to be told.
, known AS MATERIALIZED (
    -- One value, in which each name is found by halving; asked for by itself, as a join would copy it row by row.
    SELECT jsonb_object_agg(name, id) AS ids FROM unnest($3::text[], $4::bigint[]) AS k (name, id)
), rows AS MATERIALIZED (
    SELECT ((SELECT ids FROM known) ->> r.rep)::bigint AS rep, r.uid FROM assignment_rows AS r
     WHERE r.tenant_id = $1 AND r.batch_id = $2
), pairs AS MATERIALIZED (
    SELECT DISTINCT r.rep, s.id AS shop, s.territory_id
      FROM rows AS r JOIN retailers AS s ON s.tenant_id = $1 AND s.uid = r.uid AND s.deleted_at IS NULL
     WHERE r.rep IS NOT NULL
), shops AS MATERIALIZED (
    -- Looked up shop by shop, as it is not known how many there are.
    SELECT shop, territory_id, array_agg(rep) AS named, ARRAY(SELECT a.sales_rep_id FROM sales_rep_retailers AS a
             WHERE a.tenant_id = $1 AND a.retailer_id = shop ORDER BY 1) AS reps
      FROM pairs GROUP BY 1, 2
), wishes AS (
    SELECT s.shop, n.rep, s.territory_id, s.reps AS served_by,
           CASE WHEN $6 IS NOT NULL AND NOT $6 = ANY (s.reps) THEN 'changed'
                WHEN n.rep = ANY (s.reps) THEN 'keep'
                WHEN $5 = 'skip' AND s.reps <> '{}' THEN 'skip'
                ELSE 'start' END AS step
      FROM shops AS s CROSS JOIN LATERAL unnest(s.named) AS n (rep)
), others AS (
    SELECT s.shop, o.rep, s.territory_id, s.reps AS served_by, 'end' AS step
      FROM shops AS s CROSS JOIN LATERAL unnest(s.reps) AS o (rep)
     WHERE $5 = 'move' AND ($6 IS NULL OR o.rep = $6) AND NOT o.rep = ANY (s.named)
), drawn AS (
    INSERT INTO assignment_steps (tenant_id, batch_id, retailer_id, sales_rep_id, step, served_by, territory_id)
    SELECT $1, $2, shop, rep, step, served_by, territory_id FROM wishes
    UNION ALL
    SELECT $1, $2, shop, rep, step, served_by, territory_id FROM others
    -- As the key has them: a million are then written and read again in half the time.
     ORDER BY 3, 4
)
SELECT ARRAY(
    SELECT DISTINCT r.uid FROM rows AS r WHERE NOT EXISTS (
        SELECT FROM retailers AS s WHERE s.tenant_id = $1 AND s.uid = r.uid AND s.deleted_at IS NULL
    ) ORDER BY r.uid LIMIT $7
)
