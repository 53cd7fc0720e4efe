-- Parameters: $1 tenant, $2 batch, $3 sales reps that are refused.
-- Result: the number of refused steps.
-- A retailer that would have moved to a refused sales rep keeps its present assignments, unless another sales rep still
-- gets or keeps it.
, refused AS (
    UPDATE assignment_steps SET outcome = 'refuse'
     WHERE tenant_id = $1 AND batch_id = $2 AND outcome = 'start' AND sales_rep_id = ANY ($3)
    RETURNING retailer_id
), cancelled_ends AS (
    DELETE FROM assignment_steps AS e
     WHERE e.tenant_id = $1 AND e.batch_id = $2 AND e.outcome = 'end' AND e.retailer_id IN (SELECT retailer_id FROM refused)
       AND NOT EXISTS (
           SELECT FROM assignment_steps AS o
            WHERE o.tenant_id = $1 AND o.batch_id = $2 AND o.retailer_id = e.retailer_id
              AND (o.outcome = 'keep' OR (o.outcome = 'start' AND NOT o.sales_rep_id = ANY ($3)))
       )
)
SELECT count(*) FROM refused
