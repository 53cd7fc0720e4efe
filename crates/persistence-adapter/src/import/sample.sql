-- Parameters: $1 tenant, $2 import, $3 row limit; whether the file has the column name ($4), phone, territory, distributor,
-- points, routes and notes ($10).
-- Result: row of the spreadsheet, uid, whether the retailer exists, the members that would change, by row number.
SELECT coalesce(r.sheet_row, r.row_no), r.uid, s.id IS NOT NULL,
       CASE WHEN s.id IS NULL THEN '{}'::text[] ELSE array_remove(ARRAY[
           CASE WHEN s.deleted_at IS NOT NULL THEN 'deletedAt' END,
           CASE WHEN $4 AND s.name <> r.name THEN 'name' END,
           CASE WHEN $5 AND s.phone IS DISTINCT FROM r.phone THEN 'phone' END,
           CASE WHEN $6 AND s.territory_id IS DISTINCT FROM r.territory_id THEN 'territory' END,
           CASE WHEN $7 AND (s.distributor_id IS DISTINCT FROM r.distributor_id OR r.distributor_place IS NOT NULL)
                THEN 'distributor' END,
           CASE WHEN $8 AND s.points <> r.points THEN 'points' END,
           CASE WHEN $9 AND s.routes <> r.routes THEN 'routes' END,
           CASE WHEN $10 AND s.notes IS DISTINCT FROM r.notes THEN 'notes' END], NULL) END
  FROM (SELECT * FROM import_rows WHERE tenant_id = $1 AND import_id = $2 AND outcome IS NULL ORDER BY row_no LIMIT $3) AS r
  -- One by one: with an unknown number of rows PostgreSQL would read all retailers for twenty rows.
  LEFT JOIN LATERAL (
    SELECT id, name, phone, territory_id, distributor_id, points, routes, notes, deleted_at FROM retailers
     WHERE tenant_id = $1 AND uid = r.uid OFFSET 0
  ) AS s ON TRUE
 ORDER BY r.row_no
