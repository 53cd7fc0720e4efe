-- $1 tenant, $2 batch: from whom to whom how many shops would go. Of several who would get a shop the first stands for
-- all: should only that one be refused, the shop is counted as kept, which errs on the side of too many.
, steps AS MATERIALIZED (
    SELECT sales_rep_id, step, min(sales_rep_id) FILTER (WHERE step = 'start') OVER shop AS taker,
           bool_or(step = 'keep') OVER shop AS kept
      FROM assignment_steps
     WHERE tenant_id = $1 AND batch_id = $2 AND step IN ('start', 'end', 'keep')
    WINDOW shop AS (PARTITION BY retailer_id)
)
SELECT sales_rep_id, taker, count(*) FROM steps
 WHERE step = 'end' AND taker IS NOT NULL AND NOT kept GROUP BY 1, 2
