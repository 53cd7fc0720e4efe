-- Parameters: those of visible_batches.sql, $7 batch.
-- Result: at most one assignment batch of the caller's scope: id, kind, state, actor id and username, reason, options, counts, lists,
-- created at, applied at, the batch that it undoes, the batch that undid it.
SELECT b.id, b.kind, b.state, b.actor_id, (SELECT u.username FROM users AS u WHERE u.tenant_id = $1 AND u.id = b.actor_id),
       b.reason, b.options, b.counts, b.details, b.created_at, b.applied_at, b.undoes, b.undone_by
  FROM visible_batches AS b WHERE b.id = $7 AND b.in_scope
