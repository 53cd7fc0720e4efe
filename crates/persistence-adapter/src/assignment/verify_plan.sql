-- Parameters: those of covered.sql, $6 plan.
-- Result: conflicts between the plan and the present data: kind, uid or username, what has changed, the total number of
-- conflicts; 100 rows at most.
, outside AS MATERIALIZED (
    SELECT DISTINCT uid FROM assignment_rows WHERE tenant_id = $1 AND batch_id = $6 AND out_of_scope
), targets AS MATERIALIZED (
    SELECT DISTINCT retailer_id, served_by, territory_id FROM assignment_steps
     WHERE tenant_id = $1 AND batch_id = $6 AND outcome <> 'changed'
), current_counts AS (
    SELECT sales_rep_id, count(*) FROM sales_rep_retailers
     WHERE tenant_id = $1 AND sales_rep_id IN (
        SELECT sales_rep_id FROM assignment_loads WHERE tenant_id = $1 AND batch_id = $6
     ) GROUP BY 1
), recipients AS MATERIALIZED (
    -- A sales rep that gains as many retailers as it loses still gains retailers.
    SELECT DISTINCT sales_rep_id AS rep FROM assignment_steps WHERE tenant_id = $1 AND batch_id = $6 AND outcome = 'start'
), conflicts AS (
    SELECT 'retailer' AS kind, r.uid AS name,
           CASE WHEN r.uid IN (SELECT uid FROM outside) OR (NOT $2 AND r.deleted_at IS NOT NULL) THEN 'not-found'
                WHEN r.deleted_at IS NOT NULL THEN 'deleted'
                WHEN r.territory_id <> s.territory_id THEN 'territory'
                ELSE 'served-by' END AS what
      FROM targets AS s JOIN retailers AS r ON r.tenant_id = $1 AND r.id = s.retailer_id
     WHERE r.uid IN (SELECT uid FROM outside) OR r.deleted_at IS NOT NULL OR r.territory_id <> s.territory_id
        -- Looked up retailer by retailer, because PostgreSQL cannot estimate their number.
        OR s.served_by <> ARRAY(SELECT a.sales_rep_id FROM sales_rep_retailers AS a
                                 WHERE a.tenant_id = $1 AND a.retailer_id = s.retailer_id ORDER BY 1)
    UNION ALL
    SELECT 'sales-rep', u.username,
           CASE WHEN NOT ($2 OR l.sales_rep_id IN (SELECT id FROM covered)) THEN 'not-found'
                WHEN NOT (u.state = 'active' AND p.active) AND g.rep IS NOT NULL THEN 'disabled'
                WHEN coalesce(p.capacity, t.default_capacity) <> l.capacity THEN 'capacity' ELSE 'assigned-count' END
      FROM assignment_loads AS l
      JOIN users AS u ON u.tenant_id = $1 AND u.id = l.sales_rep_id
      JOIN sales_reps AS p ON p.tenant_id = $1 AND p.id = l.sales_rep_id
      JOIN tenants AS t ON t.id = $1
      LEFT JOIN current_counts AS n ON n.sales_rep_id = l.sales_rep_id
      LEFT JOIN recipients AS g ON g.rep = l.sales_rep_id
     WHERE l.tenant_id = $1 AND l.batch_id = $6
       AND (NOT ($2 OR l.sales_rep_id IN (SELECT id FROM covered))
            OR (NOT (u.state = 'active' AND p.active) AND g.rep IS NOT NULL)
            OR coalesce(p.capacity, t.default_capacity) <> l.capacity OR coalesce(n.count, 0) <> l.before)
    UNION ALL
    -- Those whose assignments would stay as they are.
    SELECT DISTINCT 'sales-rep', u.username::text, 'not-found'
      FROM assignment_steps AS s JOIN users AS u ON u.tenant_id = $1 AND u.id = s.sales_rep_id
     WHERE NOT $2 AND s.tenant_id = $1 AND s.batch_id = $6 AND s.sales_rep_id NOT IN (SELECT id FROM covered)
       AND s.sales_rep_id NOT IN (SELECT sales_rep_id FROM assignment_loads WHERE tenant_id = $1 AND batch_id = $6)
)
SELECT kind, name, what, count(*) OVER () FROM conflicts ORDER BY 1, 2 LIMIT 100
