-- $1 tenant, $2 batch: of each representative whose shops would change the shops now, those that would begin, those
-- that would end, those of them that would end whoever is refused, and how many they can serve.
, steps AS MATERIALIZED (
    -- No join with the shops: Postgres cannot know how many steps there are, and would compare every two of them.
    SELECT sales_rep_id, step, bool_or(step = 'start') OVER shop AND NOT bool_or(step = 'keep') OVER shop AS taken
      FROM assignment_steps
     WHERE tenant_id = $1 AND batch_id = $2 AND step IN ('start', 'end', 'keep')
    WINDOW shop AS (PARTITION BY retailer_id)
), reps AS MATERIALIZED (
    SELECT s.sales_rep_id AS rep, count(*) FILTER (WHERE s.step = 'start') AS starts,
           count(*) FILTER (WHERE s.step = 'end') AS ends,
           count(*) FILTER (WHERE s.step = 'end' AND NOT s.taken) AS sure_ends
      FROM steps AS s
     WHERE s.step <> 'keep' GROUP BY 1
), served AS (
    SELECT sales_rep_id AS rep, count(*) FROM sales_rep_retailers
     WHERE tenant_id = $1 AND sales_rep_id IN (SELECT rep FROM reps) GROUP BY 1
)
SELECT r.rep, coalesce(s.count, 0), r.starts, r.ends, r.sure_ends, coalesce(p.capacity, t.default_capacity)::bigint
  FROM reps AS r JOIN sales_reps AS p ON p.tenant_id = $1 AND p.id = r.rep JOIN tenants AS t ON t.id = $1
  LEFT JOIN served AS s ON s.rep = r.rep
 ORDER BY r.rep
