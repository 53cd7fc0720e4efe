-- Parameters: $1 tenant, $2 the retailer (locked), $3 the user who deletes it, $4 now.
-- Result: one row: version, updated at, the number of assignments ended.
, ended AS (
    DELETE FROM sales_rep_retailers WHERE tenant_id = $1 AND retailer_id = $2
    RETURNING sales_rep_id, assigned_at, assigned_by, batch_id
), history AS (
    INSERT INTO assignment_history
        (tenant_id, sales_rep_id, retailer_id, valid, assigned_by, batch_id, ended_by, end_reason)
    -- An assignment period is never empty: it lasts at least 1 µs, even if the clock of the server that started it was
    -- ahead.
    SELECT $1, e.sales_rep_id, $2, tstzrange(e.assigned_at, greatest($4, e.assigned_at + interval '1 microsecond')),
           e.assigned_by, e.batch_id, $3, 'deleted'
      FROM ended AS e
), deleted AS (
    UPDATE retailers SET deleted_at = $4, version = version + 1, updated_at = greatest($4, updated_at)
     WHERE tenant_id = $1 AND id = $2
    RETURNING version, updated_at
), feed AS (
    -- The former sales reps no longer serve the retailer when the feed is read, so an entry for the retailer alone
    -- would not reach them.
    INSERT INTO changes (tenant_id, entity, entity_id, kind, sales_rep_id)
    SELECT $1, 'retailer', $2, 'removed', sales_rep_id FROM ended
    UNION ALL SELECT $1, 'retailer', $2, 'deleted', NULL
)
SELECT version, updated_at, (SELECT count(*) FROM ended) FROM deleted
