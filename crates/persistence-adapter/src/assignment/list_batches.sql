-- Parameters: those of visible_batches.sql, $7 the id before which the page starts (NULL: from the newest), $8 kind, $9 state,
-- $10 actor (NULL: any), $11 row limit.
-- Result: assignment batches of the caller's scope, the newest first, with the columns of find_batch.sql but without lists.
SELECT b.id, b.kind, b.state, b.actor_id, (SELECT u.username FROM users AS u WHERE u.tenant_id = $1 AND u.id = b.actor_id),
       b.reason, b.options, b.counts, NULL::json, b.created_at, b.applied_at, b.undoes, b.undone_by
  FROM visible_batches AS b
 WHERE b.in_scope AND ($7 IS NULL OR b.id < $7)
   AND ($8 IS NULL OR b.kind = $8) AND ($9 IS NULL OR b.state = $9) AND ($10 IS NULL OR b.actor_id = $10)
 ORDER BY b.id DESC LIMIT $11
