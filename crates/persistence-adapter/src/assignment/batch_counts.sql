-- Parameters: $1 tenant, $2 batch.
-- Result: sales rep id, username, assigned counts before and after the batch, capacity, by username.
SELECT l.sales_rep_id, u.username, l.before, l.after, l.capacity
  FROM assignment_loads AS l JOIN users AS u ON u.tenant_id = $1 AND u.id = l.sales_rep_id
 WHERE l.tenant_id = $1 AND l.batch_id = $2 ORDER BY lower(u.username) COLLATE "C"
