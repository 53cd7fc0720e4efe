-- $1 tenant, $2 batch, $3 the most uids of a list. What would happen, counted by pair; a shop that goes from one to
-- another is counted where it arrives.
, steps AS MATERIALIZED (
    SELECT retailer_id, sales_rep_id, step, served_by, territory_id, bool_or(step = 'end') OVER shop AS loses,
           bool_or(step IN ('start', 'keep')) OVER shop AS gets
      FROM assignment_steps
     WHERE tenant_id = $1 AND batch_id = $2
    WINDOW shop AS (PARTITION BY retailer_id)
), shops AS MATERIALIZED (
    SELECT retailer_id, bool_or(loses) AS loses, bool_or(gets) AS gets,
           count(*) FILTER (WHERE step = 'end') AS ends, max(cardinality(served_by)) AS served
      FROM steps GROUP BY 1
), counts AS (
    SELECT count(*) FILTER (WHERE s.step = 'start' AND NOT s.loses) AS assigned,
           count(*) FILTER (WHERE s.step = 'keep' AND NOT s.loses) AS already,
           count(*) FILTER (WHERE s.step IN ('start', 'keep') AND s.loses) AS moved,
           count(*) FILTER (WHERE s.step = 'skip') AS skipped,
           count(*) FILTER (WHERE s.step = 'end' AND NOT s.gets) AS unassigned
      FROM steps AS s
), left_without AS MATERIALIZED (
    SELECT retailer_id FROM shops WHERE loses AND NOT gets AND ends = served
), takers AS MATERIALIZED (
    -- Where each of them serves shops already. Without joins, of which Postgres cannot know how large they are.
    SELECT t.sales_rep_id, array_agg(t.retailer_id) AS shops, array_agg(t.territory_id) AS places, ARRAY(
               SELECT DISTINCT (SELECT r.territory_id FROM retailers AS r WHERE r.tenant_id = $1 AND r.id = a.retailer_id)
                 FROM sales_rep_retailers AS a WHERE a.tenant_id = $1 AND a.sales_rep_id = t.sales_rep_id
           ) AS homes
      FROM steps AS t WHERE t.step = 'start' GROUP BY 1
), abroad AS MATERIALIZED (
    -- To somebody who serves shops, and none in that territory.
    SELECT DISTINCT w.shop AS retailer_id FROM takers AS t CROSS JOIN LATERAL unnest(t.shops, t.places) AS w (shop, place)
     WHERE t.homes <> '{}' AND NOT w.place = ANY (t.homes)
)
SELECT c.assigned, c.already, c.moved, c.skipped, c.unassigned,
       (SELECT count(*) FROM left_without),
       ARRAY(SELECT r.uid FROM left_without AS l JOIN retailers AS r ON r.tenant_id = $1 AND r.id = l.retailer_id ORDER BY 1 LIMIT 100),
       (SELECT count(*) FROM abroad),
       ARRAY(SELECT r.uid FROM abroad AS l JOIN retailers AS r ON r.tenant_id = $1 AND r.id = l.retailer_id ORDER BY 1 LIMIT 100),
       (SELECT count(*) FROM steps WHERE step = 'absent'),
       ARRAY(SELECT DISTINCT r.uid FROM steps AS l JOIN retailers AS r ON r.tenant_id = $1 AND r.id = l.retailer_id
              WHERE l.step = 'absent' ORDER BY 1 LIMIT $3),
       (SELECT count(DISTINCT retailer_id) FROM steps WHERE step = 'changed'),
       ARRAY(SELECT DISTINCT r.uid FROM steps AS l JOIN retailers AS r ON r.tenant_id = $1 AND r.id = l.retailer_id
              WHERE l.step = 'changed' ORDER BY 1 LIMIT $3)
  FROM counts AS c
