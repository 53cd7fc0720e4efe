-- $1 tenant, $2 the batch that takes back, $3 the one to be taken back. A shop returns as a whole or not at all: all that
-- was begun must still be so, nothing that was ended may have begun anew, and whoever gets it back must be there.
, begun AS MATERIALIZED (
    SELECT rep, shop, bool_or(live) AS live FROM (
        SELECT sales_rep_id AS rep, retailer_id AS shop, TRUE AS live FROM sales_rep_retailers
         WHERE tenant_id = $1 AND batch_id = $3
        UNION ALL
        SELECT sales_rep_id, retailer_id, FALSE FROM assignment_history WHERE tenant_id = $1 AND batch_id = $3
    ) AS spans GROUP BY 1, 2
), ended AS MATERIALIZED (
    SELECT DISTINCT h.sales_rep_id AS rep, h.retailer_id AS shop, u.state = 'active' AND NOT EXISTS (
               SELECT FROM assignment_history AS l
                WHERE l.tenant_id = $1 AND l.sales_rep_id = h.sales_rep_id AND l.retailer_id = h.retailer_id
                  AND lower(l.valid) >= upper(h.valid)
           ) AS active
      FROM assignment_history AS h JOIN users AS u ON u.tenant_id = $1 AND u.id = h.sales_rep_id
     WHERE h.tenant_id = $1 AND h.end_batch_id = $3
), wishes AS MATERIALIZED (
    SELECT shop, rep, 'end' AS step, live AS so FROM begun UNION ALL SELECT shop, rep, 'start', active FROM ended
), touched AS MATERIALIZED (
    -- Looked up shop by shop, as it is not known how many there are.
    SELECT shop, array_agg(rep) FILTER (WHERE step = 'end') AS ends, array_agg(rep) FILTER (WHERE step = 'start') AS starts,
           bool_and(so) AS so, ARRAY(SELECT a.sales_rep_id FROM sales_rep_retailers AS a
             WHERE a.tenant_id = $1 AND a.retailer_id = shop ORDER BY 1) AS reps
      FROM wishes GROUP BY 1
), shops AS MATERIALIZED (
    SELECT t.shop, t.ends, t.starts, r.territory_id, t.reps AS served_by,
           r.deleted_at IS NULL AND t.so AND NOT coalesce(t.starts && t.reps, FALSE) AS fits
      FROM touched AS t JOIN retailers AS r ON r.tenant_id = $1 AND r.id = t.shop
), drawn AS (
    INSERT INTO assignment_steps (tenant_id, batch_id, retailer_id, sales_rep_id, step, served_by, territory_id)
    SELECT $1, $2, s.shop, w.rep, CASE WHEN s.fits THEN w.step ELSE 'changed' END, s.served_by, s.territory_id
      FROM shops AS s CROSS JOIN LATERAL (
        SELECT unnest(s.ends) AS rep, 'end' AS step UNION ALL SELECT unnest(s.starts), 'start'
      ) AS w
     ORDER BY s.shop, w.rep
    ON CONFLICT DO NOTHING
)
SELECT '{}'::text[]
