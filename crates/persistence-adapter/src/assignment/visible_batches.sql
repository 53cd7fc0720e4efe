-- Parameters: those of covered.sql, $6 caller.
-- "visible_batches": the assignment batches of the tenant for a caller with the whole tenant, otherwise the caller's own; "in_scope" is
-- whether all their sales reps are covered, in a plan also those whose assignments stay as they are.
, visible_batches AS NOT MATERIALIZED (
    SELECT b.*, $2 OR (NOT EXISTS (
               SELECT FROM assignment_loads AS l
                WHERE l.tenant_id = $1 AND l.batch_id = b.id AND l.sales_rep_id NOT IN (SELECT id FROM covered)
           ) AND NOT EXISTS (
               SELECT FROM assignment_steps AS s
                WHERE s.tenant_id = $1 AND s.batch_id = b.id AND s.sales_rep_id NOT IN (SELECT id FROM covered)
           )) AS in_scope
      FROM batches AS b
     WHERE b.tenant_id = $1 AND b.kind IN ('assign', 'unassign', 'transfer', 'undo') AND ($2 OR b.actor_id = $6)
)
