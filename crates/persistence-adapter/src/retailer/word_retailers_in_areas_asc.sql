-- Parameters: those of matching.sql.
-- Result: matching retailers in ascending order of name and uid, by one read for each prefix and area.
SELECT r.id, r.uid, r.name, r.phone, r.region_id, r.area_id, r.territory_id, r.distributor_id, r.points, r.routes,
       r.notes, r.updated_at, r.version, NULL::timestamptz
  FROM prefixes AS p CROSS JOIN (SELECT DISTINCT unnest($8::bigint[]) AS id) AS a CROSS JOIN LATERAL (
      SELECT * FROM matching AS r
       WHERE r.area_id = a.id AND r.name >= p.prefix AND r.name <= p.last
         AND ($4::text IS NULL OR ROW (r.name, r.uid) > ROW ($4, $5))
       ORDER BY r.name, r.uid LIMIT $6
  ) AS r
 ORDER BY r.name, r.uid LIMIT $6
