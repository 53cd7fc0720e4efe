-- Parameters: $1 tenant, $2 batch, $3 actor, $4 role, $5 now, $6 request id, $7 kind, $8 reason, $9 options, $10 counts,
-- $11 end reason, $12 the batch that this one undoes (or NULL); $13 to $16 sales reps, their assigned counts before and
-- after, and their capacities; $17 lists, $18 whether some retailers only lose sales reps in a batch that assigns.
-- Result: one row: assignments started, assignments ended, steps to start, steps to end, the new plan_cache_mode.
-- The retailers and sales reps are locked, so nothing has changed since the steps were computed or verified.
, steps AS MATERIALIZED (
    SELECT retailer_id, sales_rep_id, outcome FROM assignment_steps
     WHERE tenant_id = $1 AND batch_id = $2 AND outcome IN ('start', 'end')
), batch AS (
    INSERT INTO batches (tenant_id, id, kind, actor_id, state, reason, counts, created_at, applied_at, options, undoes, details)
    VALUES ($1, $2, $7, $3, 'applied', $8, $10, $5, $5, $9, $12, $17)
    ON CONFLICT (tenant_id, id) DO UPDATE SET state = 'applied', applied_at = excluded.applied_at
), undone AS (
    UPDATE batches SET state = 'undone', undone_by = $2 WHERE tenant_id = $1 AND id = $12
), ended AS (
    DELETE FROM sales_rep_retailers AS a USING steps AS s
     -- "+ 0" leaves only the index of retailers. Without statistics PostgreSQL may take the index of names instead, which reads
     -- all retailers of the sales rep for each of them.
     WHERE a.tenant_id = $1 AND a.sales_rep_id + 0 = s.sales_rep_id AND a.retailer_id = s.retailer_id AND s.outcome = 'end'
    RETURNING a.sales_rep_id, a.retailer_id, a.assigned_at, a.assigned_by, a.batch_id
), history AS (
    INSERT INTO assignment_history
        (tenant_id, sales_rep_id, retailer_id, valid, assigned_by, batch_id, ended_by, end_batch_id, end_reason)
    -- An assignment period is never empty: it lasts at least 1 µs, even if the clock of the server that started it was
    -- ahead.
    SELECT $1, e.sales_rep_id, e.retailer_id,
           tstzrange(e.assigned_at, greatest($5, e.assigned_at + interval '1 microsecond')),
           e.assigned_by, e.batch_id, $3, $2, CASE WHEN $18 AND NOT EXISTS (
               SELECT FROM assignment_steps AS s
                WHERE s.tenant_id = $1 AND s.batch_id = $2 AND s.retailer_id = e.retailer_id AND s.outcome IN ('start', 'keep')
           ) THEN 'unassigned' ELSE $11 END
      FROM ended AS e
), started AS (
    INSERT INTO sales_rep_retailers (tenant_id, sales_rep_id, retailer_id, assigned_at, assigned_by, batch_id, name, uid)
    -- Not before the pair's previous period ended, even if the server that ended it had a clock ahead of this one.
    SELECT $1, s.sales_rep_id, s.retailer_id, greatest($5, (
               SELECT max(upper(h.valid)) FROM assignment_history AS h
                WHERE h.tenant_id = $1 AND h.sales_rep_id = s.sales_rep_id AND h.retailer_id = s.retailer_id
           )), $3, $2, r.name, r.uid
      FROM steps AS s JOIN retailers AS r ON r.tenant_id = $1 AND r.id = s.retailer_id
     WHERE s.outcome = 'start'
    RETURNING 1
), loads AS (
    INSERT INTO assignment_loads (tenant_id, batch_id, sales_rep_id, before, after, capacity)
    SELECT $1, $2, rep, b, a, c FROM unnest($13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[]) AS l (rep, b, a, c)
    ON CONFLICT DO NOTHING
), feed AS (
    INSERT INTO changes (tenant_id, entity, kind, sales_rep_id, batch_id)
    SELECT $1, 'retailer', t.kind, r.rep, $2
      FROM (SELECT sales_rep_id AS rep, bool_or(outcome = 'start') AS gains, bool_or(outcome = 'end') AS loses FROM steps GROUP BY 1) AS r
     CROSS JOIN LATERAL (VALUES ('assigned', r.gains), ('unassigned', r.loses)) AS t (kind, applies)
     WHERE t.applies
), audited AS (
    INSERT INTO audit_logs (tenant_id, occurred_at, actor_id, actor_role, action, entity, entity_id, after, request_id, batch_id)
    VALUES ($1, $5, $3, $4, 'assignment.' || $7, 'batch', $2::text,
            $10::jsonb || $9::jsonb || jsonb_build_object('reason', $8::text, 'undoes', $12::bigint,
                'salesReps', (SELECT count(DISTINCT sales_rep_id) FROM steps)), $6, $2)
)
SELECT s.started, s.ended, s.to_start, s.to_end,
       -- This transaction plans every statement anew. The foreign key checks run after this statement, row by row, and
       -- must reuse their plans: one plan per row of a million rows took as long as everything else (docs/adr/0010).
       set_config('plan_cache_mode', 'auto', TRUE)
  FROM (SELECT (SELECT count(*) FROM started) AS started, (SELECT count(*) FROM ended) AS ended,
               count(*) FILTER (WHERE outcome = 'start') AS to_start, count(*) FILTER (WHERE outcome = 'end') AS to_end
          FROM steps) AS s
