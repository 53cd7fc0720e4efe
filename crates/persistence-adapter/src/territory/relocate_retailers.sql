-- Parameters: $1 tenant, $2 kind, $3 id of the place that moves; $4 the area (NULL: the retailers keep theirs) and $5 the
-- region it moves to, $6 now.
-- Result: the number of retailers relocated. They are locked.
, targets AS MATERIALIZED (
    SELECT id FROM retailers WHERE $2 = 'area' AND tenant_id = $1 AND area_id = $3
    UNION ALL SELECT id FROM retailers WHERE $2 = 'territory' AND tenant_id = $1 AND territory_id = $3
), relocated AS (
    UPDATE retailers AS r
       SET area_id = coalesce($4, r.area_id), region_id = $5, version = r.version + 1,
           -- Clocks of two machines differ, and a list in order of this time must not go back.
           updated_at = greatest($6, r.updated_at)
      FROM targets AS s WHERE r.tenant_id = $1 AND r.id = s.id
    RETURNING r.id
), feed AS (
    -- A sales rep that serves one of them has a list that shows the old place.
    INSERT INTO changes (tenant_id, entity, entity_id, kind, sales_rep_id)
    SELECT DISTINCT $1, $2, $3, 'moved', a.sales_rep_id
      FROM relocated AS c JOIN sales_rep_retailers AS a ON a.tenant_id = $1 AND a.retailer_id = c.id
)
SELECT count(*) FROM relocated
