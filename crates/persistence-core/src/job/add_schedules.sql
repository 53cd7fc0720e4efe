-- Parameters: $1 names, $2 for each whether it is one of the platform.
-- Result: the names of added rows.
, added AS (
    INSERT INTO schedules (tenant_id, name)
    SELECT t.id, d.name FROM unnest($1, $2) AS d (name, of_platform)
      JOIN tenants AS t ON t.state = 'active' AND d.of_platform = (t.kind = 'platform')
     WHERE NOT EXISTS (SELECT FROM schedules AS s WHERE s.tenant_id = t.id AND s.name = d.name)
        ON CONFLICT DO NOTHING
    RETURNING name
)
SELECT name FROM added
