-- Parameters: $1 state (NULL: any), $2 and $3 texts (short name or name must contain one of them), $4 short name of the previous
-- row, $5 row limit.
-- Result: tenants by short name.
SELECT id, slug, name, time_zone, state, kind, support_access, version, created_at
  FROM tenants
 WHERE slug > $4 AND ($1::text IS NULL OR state = $1)
   AND (strpos(lower(slug || E'\n' || name), $2) > 0 OR strpos(lower(slug || E'\n' || name), $3) > 0)
 ORDER BY slug LIMIT $5
