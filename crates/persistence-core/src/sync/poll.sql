-- Parameters: $1 no transaction from this id on was visible at the previous poll; $2 the transactions below it that were open
-- then. Together these are exactly the transactions committed since, however long each was open.
-- Result: one row with the present snapshot, and one row for each invalidation: kind, tenant, user.
WITH entries AS MATERIALIZED (
    SELECT tenant_id, entity, entity_id, sales_rep_id FROM changes WHERE tx_id >= $1
    UNION ALL
    SELECT tenant_id, entity, entity_id, sales_rep_id FROM changes WHERE tx_id = ANY ($2::bigint[])
), invalidated AS (
    -- A sales rep's list, or a user.
    SELECT 'user' AS kind, tenant_id, coalesce(sales_rep_id, entity_id) AS user_id FROM entries
     WHERE sales_rep_id IS NOT NULL OR (entity = 'user' AND entity_id IS NOT NULL)
    UNION
    -- A retailer: every sales rep that serves it now. A sales rep that stopped in between has an entry of its own.
    SELECT 'user', entries.tenant_id, s.sales_rep_id FROM entries
      JOIN sales_rep_retailers AS s ON s.tenant_id = entries.tenant_id AND s.retailer_id = entries.entity_id
     WHERE entries.entity = 'retailer' AND entries.entity_id IS NOT NULL AND entries.sales_rep_id IS NULL
    UNION
    SELECT 'map', tenant_id, NULL FROM entries WHERE entity IN ('region', 'area', 'territory', 'distributor')
    UNION
    -- The tenant itself, or a bulk change that names no users.
    SELECT 'tenant', tenant_id, NULL FROM entries
     WHERE entity = 'tenant' OR (entity_id IS NULL AND sales_rep_id IS NULL
            AND entity NOT IN ('region', 'area', 'territory', 'distributor'))
)
SELECT NULL AS snapshot, kind, tenant_id, user_id FROM invalidated
UNION ALL
SELECT pg_current_snapshot()::text, NULL, NULL, NULL
