-- Parameters: those of covered.sql, $6 caller, $7 the id before which the page starts (NULL: from the newest), $8 kind, $9 state,
-- $10 actor (NULL: any), $11 row limit.
-- Result: assignment batches of the caller's scope, the newest first, with the columns of find_batch.sql but without lists.
SELECT b.id, b.kind, b.state, b.actor_id, (SELECT u.username FROM users AS u WHERE u.tenant_id = $1 AND u.id = b.actor_id),
       b.reason, b.options, b.counts, NULL::json, b.created_at, b.applied_at, b.undoes, b.undone_by
  FROM batches AS b
 WHERE b.tenant_id = $1 AND ($7 IS NULL OR b.id < $7) AND b.kind IN ('assign', 'unassign', 'transfer', 'undo')
   AND ($8 IS NULL OR b.kind = $8) AND ($9 IS NULL OR b.state = $9) AND ($10 IS NULL OR b.actor_id = $10)
   AND ($2 OR (b.actor_id = $6 AND NOT EXISTS (
        SELECT FROM assignment_loads AS l
         WHERE l.tenant_id = $1 AND l.batch_id = b.id AND l.sales_rep_id NOT IN (SELECT id FROM covered)
       ) AND NOT EXISTS (
        -- The sales reps of a plan whose assignments stay as they are.
        SELECT FROM assignment_steps AS s
         WHERE s.tenant_id = $1 AND s.batch_id = b.id AND s.sales_rep_id NOT IN (SELECT id FROM covered))))
 ORDER BY b.id DESC LIMIT $11
