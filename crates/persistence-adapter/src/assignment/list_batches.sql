-- Parameters: $1 tenant, $2 the id before which the page starts (NULL: from the newest), $3 kind, $4 state, $5 actor (NULL:
-- any), $6 row limit.
-- Result: assignment batches, the newest first, with the columns of find_batch.sql but without lists.
SELECT b.id, b.kind, b.state, b.actor_id, (SELECT u.username FROM users AS u WHERE u.tenant_id = $1 AND u.id = b.actor_id),
       b.reason, b.options, b.counts, NULL::json, b.created_at, b.applied_at, b.undoes, b.undone_by
  FROM batches AS b
 WHERE b.tenant_id = $1 AND ($2 IS NULL OR b.id < $2) AND b.kind IN ('assign', 'unassign', 'transfer', 'undo')
   AND ($3 IS NULL OR b.kind = $3) AND ($4 IS NULL OR b.state = $4) AND ($5 IS NULL OR b.actor_id = $5)
 ORDER BY b.id DESC LIMIT $6
