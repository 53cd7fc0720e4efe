-- Parameters: $1 tenant, $2 batch.
-- Result: the sales rep that loses retailers, the recipient, the number of retailers that would move.
-- If several sales reps would get a retailer, the first stands for all of them: if only that one is refused, the retailer
-- counts as kept, so the count errs on the high side.
, steps AS MATERIALIZED (
    SELECT sales_rep_id, outcome, min(sales_rep_id) FILTER (WHERE outcome = 'start') OVER by_retailer AS recipient,
           bool_or(outcome = 'keep') OVER by_retailer AS kept
      FROM assignment_steps
     WHERE tenant_id = $1 AND batch_id = $2 AND outcome IN ('start', 'end', 'keep')
    WINDOW by_retailer AS (PARTITION BY retailer_id)
)
SELECT sales_rep_id, recipient, count(*) FROM steps
 WHERE outcome = 'end' AND recipient IS NOT NULL AND NOT kept GROUP BY 1, 2
