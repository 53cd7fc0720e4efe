-- Parameters: $1 tenant, $2 batch, $3 sales reps, $4 whether to also lock the sales reps that serve retailers of the batch's
-- rows, $5 the sales reps that may be locked (NULL: all).
-- Result: id, username, whether the user is active and a sales rep at present, capacity, by id.
-- Locks in order of id, so that two transactions cannot deadlock. All users rows are locked before any sales_reps row, and
-- the count below enforces that: a transaction that disables a sales rep must not hold a row that this one needs while it
-- waits for that sales rep's own retailer changes, which may in turn wait for this transaction.
, wanted AS MATERIALIZED (
    SELECT unnest($3::bigint[]) AS id
    UNION
    SELECT a.sales_rep_id FROM sales_rep_retailers AS a
     WHERE $4 AND a.tenant_id = $1 AND a.retailer_id IN (
        SELECT r.id FROM retailers AS r WHERE r.tenant_id = $1 AND r.uid IN (
            SELECT uid FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $2 AND NOT out_of_scope
        )
     )
), locked_users AS MATERIALIZED (
    SELECT id, username, state FROM users
     WHERE tenant_id = $1 AND id IN (SELECT id FROM wanted) AND ($5 IS NULL OR id = ANY ($5)) ORDER BY id FOR SHARE
)
SELECT s.id, u.username, u.state = 'active' AND s.active, coalesce(s.capacity, t.default_capacity)::bigint
  FROM locked_users AS u
  JOIN sales_reps AS s ON s.tenant_id = $1 AND s.id = u.id
  JOIN tenants AS t ON t.id = $1
 WHERE (SELECT count(*) FROM locked_users) > 0
 ORDER BY s.id
   FOR NO KEY UPDATE OF s
