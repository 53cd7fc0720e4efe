-- Parameters: $1 tenant, $2 batch, $3 the limit of the last two lists.
-- Result: one row: assignments started, already present, moved, skipped, ended; then four pairs of a count and a list of
-- uids: retailers left unserved (100 at most), retailers assigned across territories (100 at most), pairs that are not
-- assigned, retailers changed since.
-- Counted by pair; a retailer that moves from one sales rep to another is counted where it arrives.
, steps AS MATERIALIZED (
    SELECT retailer_id, sales_rep_id, outcome, served_by, territory_id, bool_or(outcome = 'end') OVER by_retailer AS loses,
           bool_or(outcome IN ('start', 'keep')) OVER by_retailer AS gains
      FROM assignment_steps
     WHERE tenant_id = $1 AND batch_id = $2
    WINDOW by_retailer AS (PARTITION BY retailer_id)
), retailer_totals AS MATERIALIZED (
    SELECT retailer_id, bool_or(loses) AS loses, bool_or(gains) AS gains,
           count(*) FILTER (WHERE outcome = 'end') AS ends, max(cardinality(served_by)) AS served
      FROM steps GROUP BY 1
), counts AS (
    SELECT count(*) FILTER (WHERE s.outcome = 'start' AND NOT s.loses) AS assigned,
           count(*) FILTER (WHERE s.outcome = 'keep' AND NOT s.loses) AS already,
           count(*) FILTER (WHERE s.outcome IN ('start', 'keep') AND s.loses) AS moved,
           count(*) FILTER (WHERE s.outcome = 'skip') AS skipped,
           count(*) FILTER (WHERE s.outcome = 'end' AND NOT s.gains) AS unassigned
      FROM steps AS s
), unserved AS MATERIALIZED (
    SELECT retailer_id FROM retailer_totals WHERE loses AND NOT gains AND ends = served
), recipients AS MATERIALIZED (
    -- The territories that each of them serves already. Without joins, because PostgreSQL cannot estimate their size.
    SELECT t.sales_rep_id, array_agg(t.retailer_id) AS retailer_ids, array_agg(t.territory_id) AS territory_ids, ARRAY(
               SELECT DISTINCT (SELECT r.territory_id FROM retailers AS r WHERE r.tenant_id = $1 AND r.id = a.retailer_id)
                 FROM sales_rep_retailers AS a WHERE a.tenant_id = $1 AND a.sales_rep_id = t.sales_rep_id
           ) AS rep_territories
      FROM steps AS t WHERE t.outcome = 'start' GROUP BY 1
), cross_territory AS MATERIALIZED (
    -- The recipient serves retailers, but none in this territory.
    SELECT DISTINCT w.retailer AS retailer_id
      FROM recipients AS t CROSS JOIN LATERAL unnest(t.retailer_ids, t.territory_ids) AS w (retailer, territory)
     WHERE t.rep_territories <> '{}' AND NOT w.territory = ANY (t.rep_territories)
)
SELECT c.assigned, c.already, c.moved, c.skipped, c.unassigned,
       (SELECT count(*) FROM unserved),
       ARRAY(SELECT r.uid FROM unserved AS l JOIN retailers AS r ON r.tenant_id = $1 AND r.id = l.retailer_id ORDER BY 1 LIMIT 100),
       (SELECT count(*) FROM cross_territory),
       ARRAY(SELECT r.uid FROM cross_territory AS l JOIN retailers AS r ON r.tenant_id = $1 AND r.id = l.retailer_id ORDER BY 1 LIMIT 100),
       (SELECT count(*) FROM steps WHERE outcome = 'absent'),
       ARRAY(SELECT DISTINCT r.uid FROM steps AS l JOIN retailers AS r ON r.tenant_id = $1 AND r.id = l.retailer_id
              WHERE l.outcome = 'absent' ORDER BY 1 LIMIT $3),
       (SELECT count(DISTINCT retailer_id) FROM steps WHERE outcome = 'changed'),
       ARRAY(SELECT DISTINCT r.uid FROM steps AS l JOIN retailers AS r ON r.tenant_id = $1 AND r.id = l.retailer_id
              WHERE l.outcome = 'changed' ORDER BY 1 LIMIT $3)
  FROM counts AS c
