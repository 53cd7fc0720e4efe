-- $1 tenant, $2 batch, $3 representatives, $4 whether to lock those too who serve shops of the batch's rows. In order of
-- id: two who lock wait for each other and not both.
, wanted AS MATERIALIZED (
    SELECT unnest($3::bigint[]) AS id
    UNION
    SELECT a.sales_rep_id FROM sales_rep_retailers AS a
     WHERE $4 AND a.tenant_id = $1 AND a.retailer_id IN (
        SELECT r.id FROM retailers AS r WHERE r.tenant_id = $1 AND r.uid IN (
            SELECT uid FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $2
        )
     )
)
SELECT s.id, u.username, u.state = 'active', coalesce(s.capacity, t.default_capacity)::bigint
  FROM wanted AS w
  JOIN sales_reps AS s ON s.tenant_id = $1 AND s.id = w.id
  JOIN users AS u ON u.tenant_id = $1 AND u.id = w.id
  JOIN tenants AS t ON t.id = $1
 ORDER BY s.id
   FOR NO KEY UPDATE OF s FOR SHARE OF u
