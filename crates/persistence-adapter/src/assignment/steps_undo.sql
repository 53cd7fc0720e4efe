-- Parameters: $1 tenant, $2 the undoing batch, $3 the batch to undo.
-- Result: an empty list. Stores the steps.
-- A retailer is restored completely or not at all: every assignment that the batch started must still exist, none that it
-- ended may have started again, the retailer must be in the caller's scope, and every sales rep that gets it again must be active
-- and still a sales rep.
, outside AS MATERIALIZED (
    SELECT DISTINCT uid FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $2 AND out_of_scope
), started AS MATERIALIZED (
    SELECT rep, retailer, bool_or(live) AS live FROM (
        SELECT sales_rep_id AS rep, retailer_id AS retailer, TRUE AS live FROM sales_rep_retailers
         WHERE tenant_id = $1 AND batch_id = $3
        UNION ALL
        SELECT sales_rep_id, retailer_id, FALSE FROM assignment_history WHERE tenant_id = $1 AND batch_id = $3
    ) AS spans GROUP BY 1, 2
), ended AS MATERIALIZED (
    SELECT DISTINCT h.sales_rep_id AS rep, h.retailer_id AS retailer, u.state = 'active' AND p.active AND NOT EXISTS (
               SELECT FROM assignment_history AS l
                WHERE l.tenant_id = $1 AND l.sales_rep_id = h.sales_rep_id AND l.retailer_id = h.retailer_id
                  AND lower(l.valid) >= upper(h.valid)
           ) AS active
      FROM assignment_history AS h JOIN users AS u ON u.tenant_id = $1 AND u.id = h.sales_rep_id
      JOIN sales_reps AS p ON p.tenant_id = $1 AND p.id = h.sales_rep_id
     WHERE h.tenant_id = $1 AND h.end_batch_id = $3
), reversals AS MATERIALIZED (
    SELECT retailer, rep, 'end' AS outcome, live AS intact FROM started UNION ALL SELECT retailer, rep, 'start', active FROM ended
), affected AS MATERIALIZED (
    -- Looked up retailer by retailer, because PostgreSQL cannot estimate their number.
    SELECT retailer, array_agg(rep) FILTER (WHERE outcome = 'end') AS ends, array_agg(rep) FILTER (WHERE outcome = 'start') AS starts,
           bool_and(intact) AS intact, ARRAY(SELECT a.sales_rep_id FROM sales_rep_retailers AS a
             WHERE a.tenant_id = $1 AND a.retailer_id = retailer ORDER BY 1) AS reps
      FROM reversals GROUP BY 1
), targets AS MATERIALIZED (
    SELECT t.retailer, t.ends, t.starts, r.territory_id, t.reps AS served_by,
           r.uid NOT IN (SELECT uid FROM outside) AND r.deleted_at IS NULL AND t.intact AND NOT coalesce(t.starts && t.reps, FALSE) AS undoable
      FROM affected AS t JOIN retailers AS r ON r.tenant_id = $1 AND r.id = t.retailer
), computed AS (
    INSERT INTO assignment_steps (tenant_id, batch_id, retailer_id, sales_rep_id, outcome, served_by, territory_id)
    SELECT $1, $2, s.retailer, w.rep, CASE WHEN s.undoable THEN w.outcome ELSE 'changed' END, s.served_by, s.territory_id
      FROM targets AS s CROSS JOIN LATERAL (
        SELECT unnest(s.ends) AS rep, 'end' AS outcome UNION ALL SELECT unnest(s.starts), 'start'
      ) AS w
     ORDER BY s.retailer, w.rep
    ON CONFLICT DO NOTHING
)
SELECT '{}'::text[]
