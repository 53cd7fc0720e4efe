-- $1 tenant, $2 batch: from whom to whom how many shops would go. Of several who would get a shop the first stands for
-- all: should only that one be refused, the shop is counted as kept, which errs on the side of too many.
, steps AS MATERIALIZED (
    SELECT retailer_id, sales_rep_id, step FROM assignment_steps
     WHERE tenant_id = $1 AND batch_id = $2 AND step IN ('start', 'end', 'keep')
), taken AS MATERIALIZED (
    SELECT retailer_id, min(sales_rep_id) FILTER (WHERE step = 'start') AS taker FROM steps
     GROUP BY 1 HAVING bool_or(step = 'start') AND NOT bool_or(step = 'keep')
)
SELECT s.sales_rep_id, t.taker, count(*) FROM steps AS s JOIN taken AS t ON t.retailer_id = s.retailer_id
 WHERE s.step = 'end' GROUP BY 1, 2
