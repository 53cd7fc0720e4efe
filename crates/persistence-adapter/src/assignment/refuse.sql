-- $1 tenant, $2 batch, $3 representatives who get nothing: the shops that would have come to them stay where they are.
, refused AS (
    UPDATE assignment_steps SET step = 'refuse'
     WHERE tenant_id = $1 AND batch_id = $2 AND step = 'start' AND sales_rep_id = ANY ($3)
    RETURNING retailer_id
), stay AS (
    DELETE FROM assignment_steps AS e
     WHERE e.tenant_id = $1 AND e.batch_id = $2 AND e.step = 'end' AND e.retailer_id IN (SELECT retailer_id FROM refused)
       AND NOT EXISTS (
           SELECT FROM assignment_steps AS o
            WHERE o.tenant_id = $1 AND o.batch_id = $2 AND o.retailer_id = e.retailer_id
              AND (o.step = 'keep' OR (o.step = 'start' AND NOT o.sales_rep_id = ANY ($3)))
       )
)
SELECT count(*) FROM refused
