-- Parameters: $1 tenant; $2 and $3 types of entities and their ids (a retailer's uid), none twice.
-- Result: type, id and current name of those that exist; deleted retailers too.
SELECT f.kind, f.id, f.name
  FROM (SELECT n.kind, n.id, CASE n.kind
            WHEN 'retailer' THEN (SELECT name FROM retailers WHERE tenant_id = $1 AND uid = n.id)
            WHEN 'user' THEN (SELECT name FROM users WHERE tenant_id = $1 AND id = n.id::bigint)
            WHEN 'region' THEN (SELECT name FROM regions WHERE tenant_id = $1 AND id = n.id::bigint)
            WHEN 'area' THEN (SELECT name FROM areas WHERE tenant_id = $1 AND id = n.id::bigint)
            WHEN 'territory' THEN (SELECT name FROM territories WHERE tenant_id = $1 AND id = n.id::bigint)
            WHEN 'distributor' THEN (SELECT name FROM distributors WHERE tenant_id = $1 AND id = n.id::bigint)
            WHEN 'import' THEN (SELECT file_name FROM imports WHERE tenant_id = $1 AND id = n.id::bigint)
            WHEN 'team' THEN (SELECT name FROM teams WHERE tenant_id = $1 AND id = n.id::bigint)
            WHEN 'tenant' THEN (SELECT name FROM tenants WHERE id = $1 AND id = n.id::bigint)
        END AS name
          FROM unnest($2::text[], $3::text[]) AS n (kind, id)) AS f
 WHERE f.name IS NOT NULL
