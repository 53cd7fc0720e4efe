-- Parameters: those of covered.sql, $6 batch, $7 true if retailers without a sales rep count as retailers of the teams.
-- Result: the number of staged rows marked because their retailer is out of the caller's scope. They are treated like rows with
-- unknown uids.
, outside AS MATERIALIZED (
    SELECT DISTINCT w.uid
      FROM assignment_rows AS w JOIN retailers AS r ON r.tenant_id = $1 AND r.uid = w.uid
     WHERE w.tenant_id = $1 AND w.batch_id = $6 AND NOT $2
       AND NOT EXISTS (SELECT FROM retailers_in_scope AS i WHERE i.id = r.id)
       AND NOT ($7 AND cardinality($5) > 0 AND NOT EXISTS (
            SELECT FROM sales_rep_retailers AS s WHERE s.tenant_id = $1 AND s.retailer_id = r.id))
), marked AS (
    UPDATE assignment_rows AS w SET out_of_scope = TRUE FROM outside AS o
     WHERE w.tenant_id = $1 AND w.batch_id = $6 AND w.uid = o.uid
    RETURNING 1
)
SELECT count(*) FROM marked
