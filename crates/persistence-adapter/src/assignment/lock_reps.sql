-- $1 tenant, $2 batch, $3 representatives, $4 whether to lock those too who serve shops of the batch's rows. In order of
-- id: two who lock wait for each other and not both. All as users first, which is why they are counted: whoever disables
-- one must hold nothing that we want while they wait for that one's own changes of shops, which may wait for us.
, wanted AS MATERIALIZED (
    SELECT unnest($3::bigint[]) AS id
    UNION
    SELECT a.sales_rep_id FROM sales_rep_retailers AS a
     WHERE $4 AND a.tenant_id = $1 AND a.retailer_id IN (
        SELECT r.id FROM retailers AS r WHERE r.tenant_id = $1 AND r.uid IN (
            SELECT uid FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $2
        )
     )
), people AS MATERIALIZED (
    SELECT id, username, state FROM users
     WHERE tenant_id = $1 AND role = 'sales_rep' AND id IN (SELECT id FROM wanted) ORDER BY id FOR SHARE
)
SELECT s.id, u.username, u.state = 'active', coalesce(s.capacity, t.default_capacity)::bigint
  FROM people AS u
  JOIN sales_reps AS s ON s.tenant_id = $1 AND s.id = u.id
  JOIN tenants AS t ON t.id = $1
 WHERE (SELECT count(*) FROM people) > 0
 ORDER BY s.id
   FOR NO KEY UPDATE OF s
