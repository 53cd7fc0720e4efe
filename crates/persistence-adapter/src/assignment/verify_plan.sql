-- $1 tenant, $2 plan: where the world is not what the plan saw. Kind, uid or username, and what is otherwise.
, shops AS MATERIALIZED (
    SELECT DISTINCT retailer_id, served_by, territory_id FROM assignment_steps
     WHERE tenant_id = $1 AND batch_id = $2 AND step <> 'changed'
), loads AS (
    SELECT sales_rep_id, count(*) FROM sales_rep_retailers
     WHERE tenant_id = $1 AND sales_rep_id IN (
        SELECT sales_rep_id FROM assignment_loads WHERE tenant_id = $1 AND batch_id = $2
     ) GROUP BY 1
), gainers AS MATERIALIZED (
    -- Who loses as many shops as they are given is given shops all the same.
    SELECT DISTINCT sales_rep_id AS rep FROM assignment_steps WHERE tenant_id = $1 AND batch_id = $2 AND step = 'start'
), moved AS (
    SELECT 'retailer' AS kind, r.uid AS name,
           CASE WHEN r.deleted_at IS NOT NULL THEN 'deleted'
                WHEN r.territory_id <> s.territory_id THEN 'territory'
                ELSE 'served-by' END AS what
      FROM shops AS s JOIN retailers AS r ON r.tenant_id = $1 AND r.id = s.retailer_id
     WHERE r.deleted_at IS NOT NULL OR r.territory_id <> s.territory_id
        -- Looked up shop by shop, as it is not known how many there are.
        OR s.served_by <> ARRAY(SELECT a.sales_rep_id FROM sales_rep_retailers AS a
                                 WHERE a.tenant_id = $1 AND a.retailer_id = s.retailer_id ORDER BY 1)
    UNION ALL
    SELECT 'sales-rep', u.username,
           CASE WHEN u.state <> 'active' AND g.rep IS NOT NULL THEN 'disabled'
                WHEN coalesce(p.capacity, t.default_capacity) <> l.capacity THEN 'capacity' ELSE 'load' END
      FROM assignment_loads AS l
      JOIN users AS u ON u.tenant_id = $1 AND u.id = l.sales_rep_id
      JOIN sales_reps AS p ON p.tenant_id = $1 AND p.id = l.sales_rep_id
      JOIN tenants AS t ON t.id = $1
      LEFT JOIN loads AS n ON n.sales_rep_id = l.sales_rep_id
      LEFT JOIN gainers AS g ON g.rep = l.sales_rep_id
     WHERE l.tenant_id = $1 AND l.batch_id = $2
       AND ((u.state <> 'active' AND g.rep IS NOT NULL)
            OR coalesce(p.capacity, t.default_capacity) <> l.capacity OR coalesce(n.count, 0) <> l.before)
)
SELECT kind, name, what, count(*) OVER () FROM moved ORDER BY 1, 2 LIMIT 100
