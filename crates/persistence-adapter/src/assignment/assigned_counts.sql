-- Parameters: $1 tenant, $2 batch.
-- Result: one row for each sales rep whose retailers would change: id, retailers assigned now, assignments that would
-- start, assignments that would end, those of them that would end even if other sales reps are refused, capacity.
, steps AS MATERIALIZED (
    -- No join with the retailers: PostgreSQL cannot estimate the number of steps and would compare all pairs.
    SELECT sales_rep_id, outcome, bool_or(outcome = 'start') OVER by_retailer AND NOT bool_or(outcome = 'keep') OVER by_retailer AS reassigned
      FROM assignment_steps
     WHERE tenant_id = $1 AND batch_id = $2 AND outcome IN ('start', 'end', 'keep')
    WINDOW by_retailer AS (PARTITION BY retailer_id)
), reps AS MATERIALIZED (
    SELECT s.sales_rep_id AS rep, count(*) FILTER (WHERE s.outcome = 'start') AS starts,
           count(*) FILTER (WHERE s.outcome = 'end') AS ends,
           count(*) FILTER (WHERE s.outcome = 'end' AND NOT s.reassigned) AS sure_ends
      FROM steps AS s
     WHERE s.outcome <> 'keep' GROUP BY 1
), served AS (
    SELECT sales_rep_id AS rep, count(*) FROM sales_rep_retailers
     WHERE tenant_id = $1 AND sales_rep_id IN (SELECT rep FROM reps) GROUP BY 1
)
SELECT r.rep, coalesce(s.count, 0), r.starts, r.ends, r.sure_ends, coalesce(p.capacity, t.default_capacity)::bigint
  FROM reps AS r JOIN sales_reps AS p ON p.tenant_id = $1 AND p.id = r.rep JOIN tenants AS t ON t.id = $1
  LEFT JOIN served AS s ON s.rep = r.rep
 ORDER BY r.rep
