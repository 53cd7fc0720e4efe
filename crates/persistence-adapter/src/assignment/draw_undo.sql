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
    SELECT DISTINCT h.sales_rep_id AS rep, h.retailer_id AS shop, u.state = 'active' AS active
      FROM assignment_history AS h JOIN users AS u ON u.tenant_id = $1 AND u.id = h.sales_rep_id
     WHERE h.tenant_id = $1 AND h.end_batch_id = $3
), touched AS MATERIALIZED (
    SELECT shop FROM begun UNION SELECT shop FROM ended
), served AS MATERIALIZED (
    SELECT a.retailer_id AS shop, array_agg(a.sales_rep_id ORDER BY a.sales_rep_id) AS reps
      FROM sales_rep_retailers AS a
     WHERE a.tenant_id = $1 AND a.retailer_id IN (SELECT shop FROM touched) GROUP BY 1
), shops AS MATERIALIZED (
    SELECT t.shop, r.territory_id, coalesce(s.reps, '{}') AS served_by,
           r.deleted_at IS NULL
           AND NOT EXISTS (SELECT FROM begun AS b WHERE b.shop = t.shop AND NOT b.live)
           AND NOT EXISTS (SELECT FROM ended AS e WHERE e.shop = t.shop AND (NOT e.active OR e.rep = ANY (s.reps))) AS fits
      FROM touched AS t JOIN retailers AS r ON r.tenant_id = $1 AND r.id = t.shop
      LEFT JOIN served AS s ON s.shop = t.shop
), drawn AS (
    INSERT INTO assignment_steps (tenant_id, batch_id, retailer_id, sales_rep_id, step, served_by, territory_id)
    SELECT $1, $2, s.shop, w.rep, CASE WHEN s.fits THEN w.step ELSE 'changed' END, s.served_by, s.territory_id
      FROM shops AS s JOIN (
        SELECT shop, rep, 'end' AS step FROM begun UNION ALL SELECT shop, rep, 'start' FROM ended
      ) AS w ON w.shop = s.shop
    ON CONFLICT DO NOTHING
)
SELECT '{}'::text[]
