-- Parameters: those of covered.sql, $6 caller, $7 batch.
-- Result: the columns of find_batch.sql, and whether all sales reps of the batch are in the caller's scope; only the caller's own
-- batches, unless the scope is the tenant. The batch row is locked.
SELECT b.id, b.kind, b.state, b.actor_id, (SELECT u.username FROM users AS u WHERE u.tenant_id = $1 AND u.id = b.actor_id),
       b.reason, b.options, b.counts, b.details, b.created_at, b.applied_at, b.undoes, b.undone_by,
       $2 OR (NOT EXISTS (
        SELECT FROM assignment_loads AS l
         WHERE l.tenant_id = $1 AND l.batch_id = b.id AND l.sales_rep_id NOT IN (SELECT id FROM covered)
       ) AND NOT EXISTS (
        SELECT FROM assignment_steps AS s
         WHERE s.tenant_id = $1 AND s.batch_id = b.id AND s.sales_rep_id NOT IN (SELECT id FROM covered)))
  FROM batches AS b
 WHERE b.tenant_id = $1 AND b.id = $7 AND b.kind IN ('assign', 'unassign', 'transfer', 'undo') AND ($2 OR b.actor_id = $6)
   FOR NO KEY UPDATE OF b
