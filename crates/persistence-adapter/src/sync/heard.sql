-- $1: no transaction from this one on was visible when we asked before; $2: those below it that were still open.
-- Together they are exactly the transactions that have been committed since, however long each was open.
WITH new AS MATERIALIZED (
    SELECT tenant_id, entity, entity_id, sales_rep_id FROM changes WHERE tx_id >= $1
    UNION ALL
    SELECT tenant_id, entity, entity_id, sales_rep_id FROM changes WHERE tx_id = ANY ($2::bigint[])
), touched AS (
    -- A representative's list, or a user.
    SELECT 'user' AS kind, tenant_id, coalesce(sales_rep_id, entity_id) AS user_id FROM new
     WHERE sales_rep_id IS NOT NULL OR (entity = 'user' AND entity_id IS NOT NULL)
    UNION
    -- A shop: everybody who serves it now. Who has stopped in between was told so by a change of their own.
    SELECT 'user', new.tenant_id, s.sales_rep_id FROM new
      JOIN sales_rep_retailers AS s ON s.tenant_id = new.tenant_id AND s.retailer_id = new.entity_id
     WHERE new.entity = 'retailer' AND new.entity_id IS NOT NULL AND new.sales_rep_id IS NULL
    UNION
    SELECT 'map', tenant_id, NULL FROM new WHERE entity IN ('region', 'area', 'territory', 'distributor')
    UNION
    -- The tenant itself, or a bulk change that does not say whom it concerns.
    SELECT 'tenant', tenant_id, NULL FROM new
     WHERE entity = 'tenant' OR (entity_id IS NULL AND sales_rep_id IS NULL
            AND entity NOT IN ('region', 'area', 'territory', 'distributor'))
)
SELECT NULL AS snapshot, kind, tenant_id, user_id FROM touched
UNION ALL
SELECT pg_current_snapshot()::text, NULL, NULL, NULL
