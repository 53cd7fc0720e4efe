-- Parameters: $1 tenant, $2 a role that the users must have (NULL: any), $3 states, $4 and $5 texts (the search key must contain
-- one of them; every key contains the empty text), $6 and $7 name and id of the previous row, $8 row limit.
-- Result: users by name and id, with the columns of person.sql. Assigned counts are computed for the page only.
, page AS MATERIALIZED (
    (SELECT * FROM users
      WHERE $2::text IS NULL AND tenant_id = $1 AND (name, id) > ($6, $7) AND state = ANY ($3)
        AND (strpos(search_key, $4) > 0 OR strpos(search_key, $5) > 0)
      ORDER BY name, id LIMIT $8)
    UNION ALL
    -- A user whose highest role it is, unless all grants were taken.
    (SELECT * FROM users AS u
      WHERE tenant_id = $1 AND role = $2 AND (name, id) > ($6, $7) AND state = ANY ($3)
        AND (strpos(search_key, $4) > 0 OR strpos(search_key, $5) > 0)
        AND (NOT scoped OR EXISTS (
            SELECT FROM user_roles AS r WHERE r.tenant_id = $1 AND r.user_id = u.id AND r.role = $2))
      ORDER BY name, id LIMIT $8)
    UNION ALL
    -- A user who has a higher role too.
    (SELECT * FROM users AS u
      WHERE tenant_id = $1 AND scoped AND role <> $2 AND (name, id) > ($6, $7) AND state = ANY ($3)
        AND (strpos(search_key, $4) > 0 OR strpos(search_key, $5) > 0)
        AND EXISTS (SELECT FROM user_roles AS r WHERE r.tenant_id = $1 AND r.user_id = u.id AND r.role = $2)
      ORDER BY name, id LIMIT $8)
    ORDER BY name, id LIMIT $8
)
SELECT u.id, u.username, u.name, u.first_name, u.last_name, u.phone, u.email, u.role,
       CASE WHEN u.scoped THEN user_grants(u.tenant_id, u.id) END, u.state, u.must_change_password, u.mfa_enabled,
       t.mfa_required_for_admins, u.token_version, u.version, u.created_at, u.updated_at,
       coalesce(s.active, FALSE), s.employee_code, s.capacity, t.default_capacity::bigint,
       (SELECT count(*) FROM sales_rep_retailers AS a WHERE a.tenant_id = u.tenant_id AND a.sales_rep_id = u.id)
  FROM page AS u
  JOIN tenants AS t ON t.id = u.tenant_id
  LEFT JOIN sales_reps AS s ON s.tenant_id = u.tenant_id AND s.id = u.id
 ORDER BY u.name, u.id
