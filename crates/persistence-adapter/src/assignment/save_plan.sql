-- Parameters: $1 tenant, $2 batch, $3 actor, $4 now, $5 kind, $6 reason, $7 options, $8 counts; $9 to $12 sales reps, their
-- assigned counts before and after, and their capacities; $13 lists.
-- Result: the batch id. Stores the plan and deletes its staged rows.
, batch AS (
    INSERT INTO batches (tenant_id, id, kind, actor_id, state, reason, counts, created_at, options, applied_at, details)
    VALUES ($1, $2, $5, $3, 'planned', $6, $8, $4, $7, NULL, $13)
), loads AS (
    INSERT INTO assignment_loads (tenant_id, batch_id, sales_rep_id, before, after, capacity)
    SELECT $1, $2, rep, b, a, c FROM unnest($9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[]) AS l (rep, b, a, c)
), rows AS (
    DELETE FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $2
)
SELECT $2::bigint
