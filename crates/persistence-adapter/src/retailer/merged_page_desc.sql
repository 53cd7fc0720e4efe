-- Parameters: $1 tenant, $2 areas or $3 sales reps (the other list is empty), $4 and $5 name and uid of the previous row (of the
-- first page: values after all names), $6 the most names to read of each area or sales rep, $7 the number of rows to skip, $8 row
-- limit.
-- Result: the retailers of the areas or sales reps in descending order of name and uid. Only the retailers of the page are read,
-- and of the others the names in an index.
SELECT r.id, r.uid, r.name, r.phone, r.region_id, r.area_id, r.territory_id, r.distributor_id, r.points, r.routes,
       r.notes, r.updated_at, r.version, NULL::timestamptz
  FROM (
      SELECT DISTINCT name, uid FROM (
          SELECT first.name, first.uid FROM unnest($2::bigint[]) AS a (id) CROSS JOIN LATERAL (
              SELECT r.name, r.uid FROM retailers AS r
               WHERE r.tenant_id = $1 AND r.area_id = a.id AND r.deleted_at IS NULL AND ROW (r.name, r.uid) < ROW ($4, $5)
               ORDER BY r.name DESC, r.uid DESC LIMIT $6
          ) AS first
          UNION ALL
          SELECT first.name, first.uid FROM unnest($3::bigint[]) AS s (id) CROSS JOIN LATERAL (
              SELECT r.name, r.uid FROM sales_rep_retailers AS r
               WHERE r.tenant_id = $1 AND r.sales_rep_id = s.id AND ROW (r.name, r.uid) < ROW ($4, $5)
               ORDER BY r.name DESC, r.uid DESC LIMIT $6
          ) AS first
      ) AS names
       ORDER BY name DESC, uid DESC LIMIT $8 OFFSET $7
  ) AS page
  JOIN retailers AS r ON r.tenant_id = $1 AND r.uid = page.uid
 ORDER BY page.name DESC, page.uid DESC
