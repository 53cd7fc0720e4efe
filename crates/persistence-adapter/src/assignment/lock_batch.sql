-- Parameters: those of visible_batches.sql, $7 batch.
-- Result: the columns of find_batch.sql, and whether all sales reps of the batch are in the caller's scope; only the caller's own
-- batches, unless the scope is the tenant. The batch row is locked.
SELECT b.id, b.kind, b.state, b.actor_id, (SELECT u.username FROM users AS u WHERE u.tenant_id = $1 AND u.id = b.actor_id),
       b.reason, b.options, b.counts, b.details, b.created_at, b.applied_at, b.undoes, b.undone_by, v.in_scope
  FROM batches AS b JOIN visible_batches AS v ON v.id = b.id
 WHERE b.tenant_id = $1 AND b.id = $7
   FOR NO KEY UPDATE OF b
