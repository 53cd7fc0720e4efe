-- Parameters: $1 no transaction from this id on was visible at the previous poll; $2 the transactions below it that were open
-- then. Together these are exactly the transactions committed since, however long each was open.
-- Result: one row with the present snapshot, and one row for each invalidation: kind, tenant, user, topic.
WITH entries AS MATERIALIZED (
    -- No transaction of this cluster has an id from xmax on: such an entry was copied from another cluster, and would be
    -- reported by every poll.
    SELECT tenant_id, audience, entity, entity_id, sales_rep_id FROM changes
     WHERE tx_id >= $1 AND tx_id < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    UNION ALL
    SELECT tenant_id, audience, entity, entity_id, sales_rep_id FROM changes WHERE tx_id = ANY ($2::bigint[])
), invalidated AS (
    SELECT 'rep-retailers' AS kind, tenant_id, sales_rep_id AS user_id, NULL AS topic FROM entries
     WHERE audience IS NULL AND sales_rep_id IS NOT NULL
       AND entity IN ('retailer', 'region', 'area', 'territory', 'distributor')
    UNION
    -- A retailer: every sales rep that serves it now. A sales rep that stopped in between has an entry of its own.
    SELECT CASE WHEN e.audience IS NULL THEN 'rep-retailers' ELSE 'topic' END, e.tenant_id, s.sales_rep_id,
           CASE WHEN e.audience IS NOT NULL THEN e.entity END
      FROM entries AS e
      JOIN sales_rep_retailers AS s ON s.tenant_id = e.tenant_id AND s.retailer_id = e.entity_id
     WHERE e.audience = 'retailer' OR (e.audience IS NULL AND e.entity = 'retailer' AND e.sales_rep_id IS NULL)
    UNION
    SELECT 'topic', tenant_id, CASE audience WHEN 'user' THEN entity_id END, entity FROM entries
     WHERE audience IN ('user', 'tenant')
    UNION
    SELECT 'auth-state', tenant_id, coalesce(entity_id, sales_rep_id), NULL FROM entries
     WHERE audience IS NULL AND entity = 'user' AND coalesce(entity_id, sales_rep_id) IS NOT NULL
    UNION
    SELECT 'sales-map', tenant_id, NULL, NULL FROM entries
     WHERE audience IS NULL AND entity IN ('region', 'area', 'territory', 'distributor')
    UNION
    -- The tenant itself, or a bulk change that names no users.
    SELECT 'tenant', tenant_id, NULL, NULL FROM entries
     WHERE audience IS NULL
       AND (entity = 'tenant' OR (entity_id IS NULL AND sales_rep_id IS NULL
            AND entity NOT IN ('region', 'area', 'territory', 'distributor')))
)
SELECT NULL AS snapshot, kind, tenant_id, user_id, topic FROM invalidated
UNION ALL
SELECT pg_current_snapshot()::text, NULL, NULL, NULL, NULL
