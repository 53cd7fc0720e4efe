-- Parameters: $1 tenant, $2 batch.
-- Result: at most one assignment batch: id, kind, state, actor id and username, reason, options, counts, lists, created at,
-- applied at, the batch that it undoes, the batch that undid it.
SELECT b.id, b.kind, b.state, b.actor_id, (SELECT u.username FROM users AS u WHERE u.tenant_id = $1 AND u.id = b.actor_id),
       b.reason, b.options, b.counts, b.details, b.created_at, b.applied_at, b.undoes, b.undone_by
  FROM batches AS b
 WHERE b.tenant_id = $1 AND b.id = $2 AND b.kind IN ('assign', 'unassign', 'transfer', 'undo')
