-- $1 tenant, $2 the shop, which is locked, $3 who deletes it, $4 now.
, ended AS (
    DELETE FROM sales_rep_retailers WHERE tenant_id = $1 AND retailer_id = $2
    RETURNING sales_rep_id, assigned_at, assigned_by, batch_id
), history AS (
    INSERT INTO assignment_history
        (tenant_id, sales_rep_id, retailer_id, valid, assigned_by, batch_id, ended_by, end_reason)
    -- At least a microsecond, should the clock of whoever assigned it have been ahead: no span is empty.
    SELECT $1, e.sales_rep_id, $2, tstzrange(e.assigned_at, greatest($4, e.assigned_at + interval '1 microsecond')),
           e.assigned_by, e.batch_id, $3, 'deleted'
      FROM ended AS e
), deleted AS (
    UPDATE retailers SET deleted_at = $4, version = version + 1, updated_at = greatest($4, updated_at)
     WHERE tenant_id = $1 AND id = $2
    RETURNING version, updated_at
), told AS (
    -- Who served it no longer does so when they read: a line for the shop alone would not find them any more.
    INSERT INTO changes (tenant_id, entity, entity_id, kind, sales_rep_id)
    SELECT $1, 'retailer', $2, 'removed', sales_rep_id FROM ended
    UNION ALL SELECT $1, 'retailer', $2, 'deleted', NULL
)
SELECT version, updated_at, (SELECT count(*) FROM ended) FROM deleted
